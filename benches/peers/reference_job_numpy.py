"""The reference job in NumPy: batches of trials that fit the cache, counts by searching a table with one uniform, people without
events never touched, one gamma for the sum of a person's gammas. Doubles, SFC64, one stream a batch.

usage: reference_job_numpy.py SCENARIO TRIALS [SEED] [THREADS]
"""

import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from laws import chances_of_more, lognormal_logs, mssp_enhanced, print_figures

TRIALS_OF_BATCH = 8


class Segment:
    """People of the same laws."""

    def __init__(self, law):
        services = law["services"]
        self.members, self.truncation_point = law["members"], law["truncation_point"]
        # Chances of at most 0, 1, ... events.
        self.admissions = 1 - chances_of_more(**services["inpatient"]["frequency"]["negative_binomial"])
        self.visits = 1 - chances_of_more(**services["emergency"]["frequency"]["negative_binomial"])
        self.admission = lognormal_logs(**services["inpatient"]["severity"]["lognormal"])
        visit = services["emergency"]["severity"]["gamma"]
        self.visit_shape, self.visit_scale = visit["cv"] ** -2, visit["mean"] * visit["cv"] ** 2
        self.zero = services["professional"]["annual"]["zero"]
        self.annual = lognormal_logs(**services["professional"]["annual"]["lognormal"])


def lognormals(rng, logs, out):
    mean, sd = logs
    rng.standard_normal(out=out)
    out *= sd
    out += mean
    return np.exp(out, out=out)


def events(rng, law, uniform):
    """Rows of people with events, and how many they have."""
    rng.random(out=uniform)
    rows = np.flatnonzero(uniform > law[0])
    return rows, np.searchsorted(law, uniform[rows])


def batch(rng, segments, trend, attachment_point):
    """Truncated expenditure, and cost up to the attachment point, of each trial that has a trend."""
    trials = trend.size
    most = trials * max(segment.members for segment in segments)
    costs, uniforms = np.empty(most), np.empty(most)
    truncated, retained = np.zeros(trials), np.zeros(trials)
    for segment in segments:
        rows = trials * segment.members
        cost, uniform = costs[:rows], uniforms[:rows]
        lognormals(rng, segment.annual, cost)
        rng.random(out=uniform)
        cost *= uniform >= segment.zero
        users, counts = events(rng, segment.admissions, uniform)
        amounts = lognormals(rng, segment.admission, np.empty(counts.sum()))
        cost[users] += np.add.reduceat(amounts, np.cumsum(counts) - counts)
        users, counts = events(rng, segment.visits, uniform)
        cost[users] += segment.visit_scale * rng.standard_gamma(segment.visit_shape * counts)
        by_trial = cost.reshape(trials, -1)
        by_trial *= trend[:, None]
        limited = uniform.reshape(trials, -1)
        truncated += np.minimum(by_trial, segment.truncation_point, out=limited).sum(axis=1)
        retained += np.minimum(by_trial, attachment_point, out=limited).sum(axis=1)
    return truncated, retained


def main(path, trials, seed=20260101, threads=1):
    trials = int(trials)
    scenario = tomllib.loads(Path(path).read_text())
    segments = [Segment(law) for law in scenario["population"]["segments"]]
    people = sum(segment.members for segment in segments)
    trend_mean, trend_sd = lognormal_logs(**scenario["population"]["trend"])
    mssp, capitation = scenario["contracts"]
    cover = capitation["covers"]["specific"]
    firsts = range(0, trials, TRIALS_OF_BATCH)
    streams = np.random.SeedSequence(int(seed)).spawn(len(firsts))

    def sample(first, stream):
        rng = np.random.Generator(np.random.SFC64(stream))
        trend = rng.lognormal(trend_mean, trend_sd, min(TRIALS_OF_BATCH, trials - first))
        return batch(rng, segments, trend, cover["attachment_point"])

    with ThreadPoolExecutor(int(threads)) as pool:
        truncated, retained = np.concatenate(list(pool.map(sample, firsts, streams)), axis=1)
    terms = mssp["terms"]["mssp"]
    gains = [
        (mssp["name"], mssp_enhanced(terms["benchmark"]["per_capita"] * people, truncated, terms["minimum_rate"])),
        (capitation["name"], 12 * (capitation["terms"]["capitation"]["pmpm"] - cover["premium_pmpm"]) * people - retained),
    ]
    print_figures(gains, [])


if __name__ == "__main__":
    main(*sys.argv[1:])
