"""The person job in numba: its laws as arrays for the compiled `person_job_kernel.py`. One thread, doubles.

usage: person_job_numba.py SCENARIO TRIALS [SEED]
"""

import math
import sys

import numpy as np

from laws import Job, print_figures
from person_job_kernel import AFTER_COUNTED, AFTER_ONCE, ANNUAL, COUNTED, Segments, Services, sample


def padded(rows, kind=np.float64):
    """Rows of unequal length as one array, each continued by its last number."""
    longest = max(len(row) for segment in rows for row in segment)
    return np.array([[np.pad(row, (0, longest - len(row)), "edge") for row in segment] for segment in rows], kind)


def segments_of(job):
    each = lambda read: np.array([read(segment) for segment in job.segments])
    return Segments(
        each(lambda s: s.members),
        each(lambda s: float(s.truncation_point)),
        each(lambda s: s.persistence),
        each(lambda s: s.turnover),
        each(lambda s: (s.death_score, s.death_loading, math.sqrt(1 - s.death_loading**2))),
        each(lambda s: s.end_of_life),
        each(lambda s: s.end_of_life_shares),
    )


def services_of(job):
    def kind(service):
        if service.is_annual:
            return ANNUAL
        if not service.follows:
            return COUNTED
        return AFTER_COUNTED if service.probability is None else AFTER_ONCE

    def lognormals(service):
        parts = service.amounts.parts or [(1.0, 0.0, 0.0)]
        (weight, *first), (_, *second) = parts[0], parts[-1]
        return weight, *first, *second

    rows = lambda read: [[read(service) for service in segment.services.values()] for segment in job.segments]
    each = lambda read: np.array(rows(read))
    table = lambda name: rows(lambda s: getattr(s, name, [0.0]))
    return Services(
        each(kind),
        each(lambda s: job.services.index(s.follows) if s.follows else -1),
        each(lambda s: s.loading),
        each(lambda s: s.own),
        each(lambda s: getattr(s, "first", 0.0)),
        each(lambda s: s.probability or 0.0),
        each(lambda s: (s.amounts.shape, s.amounts.scale)),
        each(lognormals),
        padded(table("guide"), np.int32),
        padded(table("thresholds")),
        padded(table("cumulative")),
        padded(table("table")),
    )


def main(scenario, trials, seed=20260101):
    job = Job(scenario)
    costs = np.zeros((int(trials), job.years, len(job.services)))
    results = np.zeros((int(trials), job.years, 4))
    sample(int(seed) % 2**20, segments_of(job), services_of(job), job.attachment_point, costs, results)
    print_figures(job.gains(*np.moveaxis(results, -1, 0)), zip(job.services, costs.sum(axis=1).T))


if __name__ == "__main__":
    main(*sys.argv[1:])
