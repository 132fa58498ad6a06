"""The compiled part of `person_job_numba.py`: blocks of people, loops that LLVM vectorizes, words of random bits by counter
(SplitMix64), counts and amounts from tables at people's scores, one gamma for the sum of a person's gammas."""

import math
from typing import NamedTuple

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from scipy.special import ndtri

from laws import CELLS_A_UNIT, LAST_SCORE

PEOPLE_OF_BLOCK = 1024
OCTAVES, DEGREE = 54, 5
STEP_OF_WORDS = np.uint64(0x9E3779B97F4A7C15)

# Kinds of services.
ANNUAL, COUNTED, AFTER_ONCE, AFTER_COUNTED = range(4)


class Segments(NamedTuple):
    """Numbers by segment."""

    members: np.ndarray
    truncation_point: np.ndarray
    persistence: np.ndarray
    turnover: np.ndarray
    death: np.ndarray  # score, loading, own
    end_of_life: np.ndarray  # mean and standard deviation of the logarithm
    end_of_life_shares: np.ndarray


class Services(NamedTuple):
    """Numbers by segment and service."""

    kind: np.ndarray
    parent: np.ndarray
    loading: np.ndarray
    own: np.ndarray
    first: np.ndarray
    probability: np.ndarray
    gamma: np.ndarray  # shape, scale
    lognormals: np.ndarray  # weight of the first, means and standard deviations of the logarithms of both
    guide: np.ndarray
    thresholds: np.ndarray
    cumulative: np.ndarray
    table: np.ndarray


def normal_coefficients():
    """Polynomials of the normal quantile in the mantissa (less 1.5) of the chance, by octave of the chance."""
    nodes = np.cos(np.pi * (np.arange(64) + 0.5) / 64) / 2
    fits = [np.polynomial.polynomial.polyfit(nodes, -ndtri((nodes + 1.5) * 2.0 ** (octave - 54)), DEGREE) for octave in range(OCTAVES - 1)]
    return np.array([*fits, fits[-1]]).T.copy()


NORMAL = normal_coefficients()


@intrinsic
def bits_of(context, number):
    return types.int64(types.float64), lambda _, builder, __, arguments: builder.bitcast(arguments[0], ir.IntType(64))


@intrinsic
def number_of(context, bits):
    return types.float64(types.int64), lambda _, builder, __, arguments: builder.bitcast(arguments[0], ir.DoubleType())


@njit(inline="always")
def word(counter):
    bits = np.uint64(counter) * STEP_OF_WORDS
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


@njit(inline="always")
def uniform(counter):
    return (np.float64(np.int64(word(counter) >> np.uint64(12))) + 0.5) * 2.0**-52


@njit(inline="always", fastmath=True)
def normal(counter):
    """The bits but the lowest are a chance below a half, and the lowest is the sign."""
    of_word = word(counter)
    bits = bits_of(np.float64(np.int64(of_word >> np.uint64(12))) + 0.5)
    octave = (bits >> 52) - 1022
    x = number_of((bits & 0xFFFFFFFFFFFFF) | 0x3FF0000000000000) - 1.5
    y = NORMAL[DEGREE, octave]
    for power in range(DEGREE - 1, -1, -1):
        y = y * x + NORMAL[power, octave]
    return y if of_word & np.uint64(1) else -y


@njit(fastmath=True)
def gammas(shape, scale, counts, sums, size, counter):
    """Marsaglia and Tsang's gammas of shape times count: most pass the squeeze in a first loop, the others are drawn one by one."""
    for i in range(size):
        d = shape * counts[i] - 1 / 3
        x = normal(counter + 2 * i)
        v = 1 + x / math.sqrt(9 * d)
        v *= v * v
        passes = (v > 0) & (uniform(counter + 2 * i + 1) < 1 - 0.0331 * x**4)
        sums[i] = scale * d * v if passes else -1.0
    next_counter = counter + 2 * size
    for i in range(size):
        if sums[i] < 0:
            d = shape * counts[i] - 1 / 3
            at = counter + 2 * i
            while True:
                x = normal(at)
                v = (1 + x / math.sqrt(9 * d)) ** 3
                if v > 0 and math.log(uniform(at + 1)) < 0.5 * x * x + d * (1 - v + math.log(v)):
                    break
                at = next_counter
                next_counter += 2
            sums[i] = scale * d * v
    return next_counter


@njit(fastmath=True)
def lognormal_sums(law, counts, sums, size, counter):
    weight, mean, sd, second_mean, second_sd = law
    for i in range(size):
        total = 0.0
        for _ in range(counts[i]):
            if weight == 1.0 or uniform(counter + 1) < weight:
                total += math.exp(mean + sd * normal(counter))
            else:
                total += math.exp(second_mean + second_sd * normal(counter))
            counter += 2
        sums[i] = total
    return counter


@njit(fastmath=True)
def users_of(frailty, size, loading, own, first, users, scores, counter):
    """Who has a score above the first, and the scores."""
    drawn = np.empty(size)
    for i in range(size):
        drawn[i] = min(loading * frailty[i] + own * normal(counter + i), LAST_SCORE)
    found = 0
    for i in range(size):
        users[found] = i
        scores[found] = drawn[i]
        found += drawn[i] > first
    return found


@njit(fastmath=True)
def counts_of(guide, thresholds, first, scores, lived, users, counts, size, counter):
    """Counts at scores; of who died, each event is kept with the chance of the share of the year that they lived."""
    kept = 0
    for i in range(size):
        count = guide[np.int64((scores[i] - first) * CELLS_A_UNIT)]
        while thresholds[count] <= scores[i]:
            count += 1
        user = users[i]
        if lived[user] < 1.0:
            all_events, count = count, 0
            for _ in range(all_events):
                count += uniform(counter) < lived[user]
                counter += 1
        users[kept], counts[kept] = user, count
        kept += count > 0
    return kept, counter


@njit(fastmath=True)
def year_of_block(segment, services, frailty, size, segments, costs, results, attachment_point, counter):
    """Samples a year of a block of people: adds to `costs` of each service, and to `results`: truncated, cost, excess, lived."""
    s = segment
    death_score, death_loading, death_own = segments.death[s]
    total, lived = np.zeros(size), np.ones(size)
    users, scores = np.empty(size + 1, np.int64), np.empty(size + 1)
    counts, sums = np.empty(size + 1, np.int64), np.empty(size + 1)
    dead = np.empty(size + 1, np.int64)
    deaths = users_of(frailty, size, death_loading, death_own, death_score, dead, scores, counter)
    counter += size
    for i in range(deaths):
        lived[dead[i]] = uniform(counter + i)
    counter += deaths

    # Rows of the events of each service that others follow.
    events_of = [np.empty(0, np.int64) for _ in range(services.kind.shape[1])]
    for j in range(services.kind.shape[1]):
        kind, first = services.kind[s, j], services.first[s, j]
        rows, found = users, 0
        if kind == ANNUAL or kind == COUNTED:
            found = users_of(frailty, size, services.loading[s, j], services.own[s, j], first, users, scores, counter)
            counter += size
            if kind == COUNTED:
                found, counter = counts_of(
                    services.guide[s, j], services.thresholds[s, j], first, scores, lived, users, counts, found, counter
                )
        else:
            parents = events_of[services.parent[s, j]]
            rows = np.empty(parents.size, np.int64)
            if counts.size < parents.size:
                counts, sums = np.empty(parents.size, np.int64), np.empty(parents.size)
            for i in range(parents.size):
                chance = uniform(counter + i)
                count = 0
                if kind == AFTER_ONCE:
                    count = np.int64(chance < services.probability[s, j])
                elif chance > services.cumulative[s, j, 0]:
                    count = np.searchsorted(services.cumulative[s, j], chance)
                if count > 0:
                    rows[found], counts[found] = parents[i], count
                    found += 1
            counter += parents.size

        if kind == ANNUAL:
            table = services.table[s, j]
            for i in range(found):
                at = (scores[i] - first) * CELLS_A_UNIT
                cell = np.int64(at)
                sums[i] = (table[cell] + (table[cell + 1] - table[cell]) * (at - cell)) * lived[users[i]]
        elif services.gamma[s, j, 0] > 0:
            counter = gammas(services.gamma[s, j, 0], services.gamma[s, j, 1], counts, sums, found, counter)
        else:
            counter = lognormal_sums(services.lognormals[s, j], counts, sums, found, counter)
        spent = 0.0
        for i in range(found):
            total[rows[i]] += sums[i]
            spent += sums[i]
        costs[j] += spent
        if np.any(services.parent[s] == j):
            events_of[j] = np.repeat(rows[:found], counts[:found])

    mean, sd = segments.end_of_life[s]
    spent = 0.0
    for i in range(deaths):
        amount = math.exp(mean + sd * normal(counter + i))
        total[dead[i]] += amount
        spent += amount
    counter += deaths
    for j in range(costs.size):
        costs[j] += spent * segments.end_of_life_shares[s, j]
    truncation_point = segments.truncation_point[s]
    for i in range(size):
        results[0] += min(total[i], truncation_point)
        results[1] += total[i]
        results[2] += max(total[i] - attachment_point, 0.0)
        results[3] += lived[i]
    return counter


@njit(fastmath=True, cache=True)
def sample(seed, segments, services, attachment_point, costs, results):
    counter = np.int64(seed) << 40
    frailty = np.empty(PEOPLE_OF_BLOCK)
    trials, years = results.shape[:2]
    for trial in range(trials):
        for s in range(segments.members.size):
            persistence = segments.persistence[s]
            renewal = math.sqrt(1 - persistence**2)
            for begin in range(0, segments.members[s], PEOPLE_OF_BLOCK):
                size = min(PEOPLE_OF_BLOCK, segments.members[s] - begin)
                for year in range(years):
                    for i in range(size):
                        fresh = normal(counter + 2 * i)
                        if year > 0 and uniform(counter + 2 * i + 1) >= segments.turnover[s]:
                            fresh = persistence * frailty[i] + renewal * fresh
                        frailty[i] = fresh
                    counter += 2 * size
                    counter = year_of_block(
                        s, services, frailty, size, segments, costs[trial, year], results[trial, year], attachment_point, counter
                    )
