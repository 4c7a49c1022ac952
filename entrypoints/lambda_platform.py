"""The control plane on AWS Lambda; the package names this handler `zappa_entry.handler`."""

from entrypoints import cold_start
from entrypoints.wiring.applications import PLATFORM_PREFIX, make_platform_app
from entrypoints.wiring.serverless import make_function
from entrypoints.wiring.store import Service

handler = make_function(
    service=Service.PLATFORM, make_app=make_platform_app, prefix=PLATFORM_PREFIX
)
cold_start.finished()
