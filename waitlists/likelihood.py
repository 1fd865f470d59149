"""How likely it is that somebody in line gets what they wait for."""

from math import exp, lgamma, log
from statistics import NormalDist

# Beyond so many seats the normal distribution is as good, and quicker.
MOST_SEATS_EXACTLY = 500


def likelihood(*, booked: int, cancelled: int, seats: int) -> float:
    """Return how likely it is that so many seats of an event still come free, from 0 to 1.

    As if each of the active bookings were cancelled, independently of the others, at the rate at
    which the event's bookings were so far: the share that is cancelled, to which Laplace's rule of
    succession adds one of each kind, so that an event without cancellations isn't without hope.
    Whether seats lie side by side isn't looked at. `booked` counts all bookings ever made.
    """
    rate = (cancelled + 1) / (booked + 2)
    active = booked - cancelled
    if seats > active:
        return 0.0
    if seats > MOST_SEATS_EXACTLY:
        deviation = (active * rate * (1 - rate)) ** 0.5
        return 1 - NormalDist(active * rate, deviation).cdf(seats - 0.5)
    return max(0.0, 1 - sum(_probability(active, number, rate) for number in range(seats)))


def _probability(tries: int, hits: int, rate: float) -> float:
    """Return the binomial distribution's; by logarithms, since the factors are huge and tiny."""
    ways = lgamma(tries + 1) - lgamma(hits + 1) - lgamma(tries - hits + 1)
    return exp(ways + hits * log(rate) + (tries - hits) * log(1 - rate))
