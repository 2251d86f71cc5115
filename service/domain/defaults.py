"""What holds where an operator chooses nothing. Apart, so that settings can be read without numpy."""

from fractions import Fraction

TIME_ZONE = "UTC"
GUARANTEE_DAYS = 14
MARGIN = Fraction(1)
HORIZON_DAYS = 2_200
LABEL_LIMIT = 50
CURRENCY_LIMIT = 10

CUSTOMER_ORDERS = 50_000
CUSTOMER_TRANSITIONS = 10_000

MAGNET_SKUS = 0
REFERRAL_RANKS = False

INSIGHTS_DAYS = 30
INSIGHTS_LAPSE_DAYS = 90
INSIGHTS_OVERDUE = Fraction(2)
INSIGHTS_ALIVE_BELOW = 0.5
