"""What a conversion is made of, step by step: `pipeline` knows the order.

attempt(...)  ->  Conversion    proved(...)  ->  the smallest that gives the notebook's results    finish(...)  ->  Project, ready to be saved
"""

from nb2prod.converting.finishing import finish
from nb2prod.converting.merging import renewed
from nb2prod.converting.once import Conversion, attempt
from nb2prod.converting.searching import proved
from nb2prod.converting.stages import with_recorded

__all__ = ["Conversion", "attempt", "finish", "proved", "renewed", "with_recorded"]
