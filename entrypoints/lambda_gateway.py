"""The gateway on AWS Lambda; the package names this handler `zappa_entry.handler`."""

from entrypoints import cold_start
from entrypoints.wiring.applications import GATEWAY_PREFIX, make_gateway_app
from entrypoints.wiring.serverless import make_function
from entrypoints.wiring.store import Service

handler = make_function(service=Service.GATEWAY, make_app=make_gateway_app, prefix=GATEWAY_PREFIX)
cold_start.finished()
