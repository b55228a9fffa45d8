"""All rules. Importing this module registers them."""

from aliconf.rules import identity as identity
from aliconf.rules import images as images
from aliconf.rules import inventory as inventory
from aliconf.rules import orders as orders
from aliconf.rules import pricing as pricing
from aliconf.rules import sale_prices as sale_prices
from aliconf.rules import synchronization as synchronization
from aliconf.rules import system_check as system_check
