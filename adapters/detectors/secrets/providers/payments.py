"""Keys of payment, commerce and trading services."""

from functools import partial

from adapters.detectors.secrets.recogniser import TokenRule
from domain.detection.taxonomy import Severity

_rule = partial(TokenRule, type="PAYMENT_KEY", severity=Severity.CRITICAL)

_STRIPE = "https://docs.stripe.com/keys"
_SQUARE = "https://developer.squareup.com/docs/build-basics/access-tokens"
_SHOPIFY = "https://shopify.dev/changelog/length-of-the-shopify-access-token-is-increasing"

RULES: tuple[TokenRule, ...] = (
    _rule(
        "stripe-secret-key",
        "Stripe secret or restricted key",
        "(sk|rk)_(live|test|prod)_{w10-250}",
        _STRIPE,
    ),
    _rule(
        "stripe-organisation-key",
        "Stripe organisation key",
        "sk_org_(live|test)_{w10-250}",
        _STRIPE,
    ),
    _rule(
        "stripe-webhook-secret",
        "Stripe webhook signing secret",
        "whsec_{w32-64}",
        "https://docs.stripe.com/webhooks",
    ),
    _rule(
        "svix-webhook-secret",
        "Standard Webhooks signing secret",
        "whsec_{b43}=",
        "https://www.standardwebhooks.com/",
    ),
    _rule(
        "paystack-secret-key",
        "Paystack secret key",
        "sk_(live|test)_{h40}",
        "https://paystack.com/docs/api/authentication/",
    ),
    _rule("square-access-token", "Square access token", "sq0atp-{s22}", _SQUARE),
    _rule("square-access-token-v2", "Square access token", "EAAA{s60}", _SQUARE),
    _rule("square-oauth-secret", "Square OAuth secret", "sq0csp-{s43}", _SQUARE),
    _rule(
        "braintree-access-token",
        "PayPal Braintree access token",
        "access_token$(production|sandbox)${l16}${h32}",
        "https://developer.paypal.com/braintree/docs/guides/extend/oauth/access-tokens",
        least_randomness=0.0,
    ),
    _rule(
        "braintree-private-key",
        "Braintree private key",
        "{h32}",
        "https://developer.paypal.com/braintree/articles/control-panel/important-gateway-cre"
        "dentials",
        names=("braintree",),
    ),
    _rule(
        "paypal-client-secret",
        "PayPal client secret",
        "E{s79}",
        "https://developer.paypal.com/api/rest/authentication/",
        names=("paypal", "client[_-]?secret"),
    ),
    _rule(
        "adyen-api-key",
        "Adyen API key",
        "AQE{w1}hmf{b100+}",
        "https://docs.adyen.com/development-resources/api-credentials/",
        gate="AQE[0-9A-Za-z]hmf",
    ),
    _rule(
        "plaid-access-token",
        "Plaid access token",
        "access-(sandbox|development|production)-{uuid}",
        "https://plaid.com/docs/api/accounts/",
    ),
    _rule(
        "plaid-secret",
        "Plaid secret",
        "{h30}",
        "https://plaid.com/docs/quickstart/glossary/",
        names=("plaid",),
    ),
    _rule(
        "razorpay-key",
        "Razorpay key id",
        "rzp_(live|test)_{w14}",
        "https://razorpay.com/docs/api/authentication/",
    ),
    _rule(
        "razorpay-secret",
        "Razorpay key secret",
        "{w24}",
        "https://razorpay.com/docs/api/authentication/",
        names=("razorpay[_. -]?(?:key[_. -]?)?secret",),
    ),
    _rule(
        "flutterwave-secret-key",
        "Flutterwave secret key",
        "FLWSECK(_TEST|)-{l32}-X",
        "https://developer.flutterwave.com/docs/authentication",
    ),
    _rule(
        "shippo-token",
        "Shippo token",
        "shippo_(live|test)_{h40}",
        "https://docs.goshippo.com/docs/guides_general/authentication/",
    ),
    _rule(
        "easypost-key",
        "EasyPost API key",
        "EZ(A|T)K{w54}",
        "https://docs.easypost.com/docs/authentication",
    ),
    _rule(
        "lob-key",
        "Lob API key",
        "(live|test)_{h35}",
        "https://docs.lob.com/",
        gate="(?:live|test)_[0-9a-f]{10}",
    ),
    _rule(
        "mollie-key",
        "Mollie API key",
        "(live|test)_{w30}",
        "https://docs.mollie.com/reference/authentication",
        names=("mollie",),
    ),
    _rule(
        "gocardless-token",
        "GoCardless access token",
        "live_{s40}",
        "https://developer.gocardless.com/api-reference/",
        gate="live_[0-9A-Za-z_-]{10}",
    ),
    _rule(
        "coinbase-key",
        "Coinbase API secret",
        "{b86}==",
        "https://docs.cdp.coinbase.com/",
        names=("coinbase",),
    ),
    _rule(
        "binance-key",
        "Binance API key or secret",
        "{w64}",
        "https://developers.binance.com/docs/binance-spot-api-docs/rest-api",
        names=("binance",),
    ),
    _rule(
        "kraken-secret",
        "Kraken API secret",
        "{b86}==",
        "https://docs.kraken.com/api/docs/guides/spot-rest-auth",
        names=("kraken",),
    ),
    _rule(
        "kucoin-secret",
        "KuCoin API secret",
        "{uuid}",
        "https://www.kucoin.com/docs/beginners/introduction",
        names=("kucoin[_. -]?(?:api[_. -]?)?secret",),
        least_randomness=0.0,
    ),
    _rule(
        "alpaca-secret",
        "Alpaca API secret",
        "{w40-44}",
        "https://docs.alpaca.markets/docs/authentication-1",
        names=("alpaca", "apca"),
    ),
    _rule(
        "duffel-token",
        "Duffel access token",
        "duffel_(live|test)_{s43}",
        "https://duffel.com/docs/api/overview/authentication",
    ),
    _rule("shopify-token", "Shopify access token", "shp(at|ca|pa|ua|tka)_{H32}", _SHOPIFY),
    _rule("shopify-shared-secret", "Shopify app shared secret", "shpss_{H32}", _SHOPIFY),
    _rule(
        "etsy-key",
        "Etsy API key",
        "{l24}",
        "https://developers.etsy.com/documentation/essentials/authentication/",
        names=("etsy",),
    ),
    _rule(
        "paddle-api-key",
        "Paddle API key",
        "pdl_(live|sdbx)_apikey_{l26}_{w22}_{w3}",
        "https://developer.paddle.com/api-reference/about/api-keys",
    ),
    _rule(
        "xendit-key",
        "Xendit secret key",
        "xnd_(production|development)_{w40-80}",
        "https://docs.xendit.co/docs/api-keys",
    ),
    _rule(
        "midtrans-server-key",
        "Midtrans server key",
        "Mid-server-{s24}",
        "https://docs.midtrans.com/docs/api-authorization-headers",
    ),
    _rule(
        "klarna-api-key",
        "Klarna API key",
        "klarna_(live|test)_api_{b40-200}",
        "https://docs.klarna.com/api/authentication/",
    ),
    _rule(
        "mercado-pago-token",
        "Mercado Pago access token",
        "(APP_USR|TEST)-{d12-16}-{d6}-{h32}-{d6-12}",
        "https://www.mercadopago.com/developers/en/docs/your-integrations/credentials",
        gate="(?:APP_USR|TEST)-[0-9]{12}",
    ),
    _rule(
        "chargebee-key",
        "Chargebee API key",
        "(live|test)_{w30-50}",
        "https://apidocs.chargebee.com/docs/api/auth",
        names=("chargebee",),
    ),
    _rule(
        "checkout-com-key",
        "Checkout.com secret key",
        "sk_(sbox_|){l27}",
        "https://www.checkout.com/docs/developer-resources/api/manage-api-keys",
        names=("checkout",),
    ),
    _rule(
        "finnhub-key",
        "Finnhub API key",
        "{l20}",
        "https://finnhub.io/docs/api/authentication",
        names=("finnhub",),
    ),
    _rule(
        "finicity-token",
        "Finicity app key",
        "{h32}",
        "https://developer.mastercard.com/open-finance-us/documentation/",
        names=("finicity",),
    ),
    _rule(
        "freemius-secret-key",
        "Freemius secret key",
        "sk_{t29}",
        "https://freemius.com/help/documentation/",
        names=("freemius",),
    ),
    _rule(
        "wise-api-token",
        "Wise API token",
        "{uuid}",
        "https://docs.wise.com/api-docs/guides/auth",
        names=("(?:transfer)?wise[_-]?(?:api[_-]?)?(?:token|key)",),
        least_randomness=0.0,
    ),
    _rule(
        "cashfree-secret-key",
        "Cashfree secret key",
        "cfsk_ma_(prod|test)_{h32}_{h8}",
        "https://www.cashfree.com/docs/api-reference/authentication",
    ),
)
