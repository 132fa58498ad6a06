"""The person job in NumPy: batches of trials that fit the cache, counts and amounts from tables at people's scores, one gamma for
the sum of a person's gammas. One thread, doubles, SFC64.

usage: person_job_numpy.py SCENARIO TRIALS [SEED]
"""

import sys

import numpy as np

from laws import CELLS_A_UNIT, Job, print_figures

ROWS_OF_BATCH = 60_000


class Batch:
    """Some trials of one segment: a row is a person of a trial, trial after trial."""

    def __init__(self, rng, segment, trials):
        self.rng, self.segment, self.trials = rng, segment, trials
        self.rows = trials * segment.members
        self.frailty = rng.standard_normal(self.rows)
        self.score = np.empty(self.rows)
        self.lived = np.empty(self.rows)
        self.cost = np.empty(self.rows)
        self.spent = np.empty(self.rows)

    def next_year(self):
        """Frailty persists, and a leaver's place is taken by someone new."""
        persistence = self.segment.persistence
        fresh = self.rng.standard_normal(self.rows)
        new = np.flatnonzero(self.rng.random(self.rows) < self.segment.turnover)
        self.frailty *= persistence
        self.frailty += np.sqrt(1 - persistence**2) * fresh
        self.frailty[new] = fresh[new]

    def scores(self, loading):
        """Standard normals that have this correlation with the frailty."""
        score = self.rng.standard_normal(out=self.score)
        score *= np.sqrt(1 - loading**2)
        score += np.multiply(self.frailty, loading, out=self.spent)
        return score

    def by_trial(self, of_rows):
        return of_rows.reshape(self.trials, -1).sum(axis=1)

    def year(self, costs):
        """Samples a year. Adds what each trial spends on each service to `costs`; returns the truncated expenditure, the cost
        and the person-years of each trial."""
        rng, segment, lived = self.rng, self.segment, self.lived
        self.cost[:] = 0.0
        lived[:] = 1.0
        dead = np.flatnonzero(self.scores(segment.death_loading) > segment.death_score)
        lived[dead] = rng.random(dead.size)
        events = {}  # of a service: the row of each of its events

        def add(index, of_rows):
            np.add(self.cost, of_rows, out=self.cost)
            costs[:, index] += self.by_trial(of_rows)

        for index, (name, service) in enumerate(segment.services.items()):
            if service.follows:
                events[name], use_rows, counts = self.following(service, events[service.follows])
                if counts.size:
                    add(index, np.bincount(use_rows, self.sums(service.amounts, counts), self.rows))
                continue
            score = self.scores(service.loading)
            users = np.flatnonzero(score > service.first)
            score = score[users]
            share = lived[users]
            if service.is_annual:
                amounts = annual_amounts(service, score)
                amounts *= share
            else:
                counts = counts_at(service, score)
                cut = np.flatnonzero(share < 1.0)
                counts[cut] = rng.binomial(counts[cut], share[cut])
                kept = np.flatnonzero(counts)
                users, counts = users[kept], counts[kept]
                amounts = self.sums(service.amounts, counts)
                if name == "inpatient":
                    events[name] = np.repeat(users, counts)
            self.spent[:] = 0.0
            self.spent[users] = amounts
            add(index, self.spent)

        mean, sd = segment.end_of_life
        self.spent[:] = 0.0
        self.spent[dead] = np.exp(mean + sd * rng.standard_normal(dead.size))
        self.cost += self.spent
        costs += np.outer(self.by_trial(self.spent), segment.end_of_life_shares)
        return self.by_trial(np.minimum(self.cost, segment.truncation_point, out=self.spent)), self.by_trial(self.cost), self.by_trial(lived)

    def excess(self, attachment_point):
        """What people of each trial cost above the attachment point."""
        large = np.flatnonzero(self.cost > attachment_point)
        return np.bincount(large // self.segment.members, self.cost[large] - attachment_point, self.trials)

    def following(self, service, parents):
        """Uses after events, which happened at the rows `parents`: the row of each use; rows that used, and how often."""
        chance = self.rng.random(parents.size)
        if service.probability is not None:
            rows = parents[np.flatnonzero(chance < service.probability)]
            return rows, rows, np.ones(rows.size, np.int64)
        used = np.flatnonzero(chance > service.cumulative[0])
        counts = np.searchsorted(service.cumulative, chance[used])
        return np.repeat(parents[used], counts), parents[used], counts

    def sums(self, amounts, counts):
        """The sum of each count of independent amounts."""
        rng = self.rng
        if amounts.shape:
            return amounts.scale * rng.standard_gamma(amounts.shape * counts)
        normal = rng.standard_normal(counts.sum())
        (weight, mean, sd), *second = amounts.parts
        if second:
            is_second = rng.random(normal.size) > weight
            _, second_mean, second_sd = second[0]
            mean, sd = np.where(is_second, second_mean, mean), np.where(is_second, second_sd, sd)
        normal *= sd
        normal += mean
        starts = np.cumsum(counts) - counts
        return np.add.reduceat(np.exp(normal, out=normal), starts) if starts.size else normal


def counts_at(service, score):
    """Counts at scores: a cell holds at most one threshold, so that its left edge's count is right or one short."""
    cell = ((score - service.first) * CELLS_A_UNIT).astype(np.int64)
    counts = service.guide.take(cell, mode="clip")
    counts += service.thresholds.take(counts) <= score
    return counts


def annual_amounts(service, score):
    """Dollars at scores, straight between the edges of cells."""
    score -= service.first
    score *= CELLS_A_UNIT
    cell = score.astype(np.int64)
    score -= cell
    score *= service.steps.take(cell, mode="clip")
    score += service.table.take(cell, mode="clip")
    return score


def main(scenario, trials, seed=20260101):
    trials, job = int(trials), Job(scenario)
    expenditure, cost, excess, person_years = np.zeros((4, trials, job.years))
    costs = np.zeros((trials, job.years, len(job.services)))
    rng = np.random.Generator(np.random.SFC64(int(seed)))
    for segment in job.segments:
        size = max(1, ROWS_OF_BATCH // segment.members)
        for first in range(0, trials, size):
            some = slice(first, min(first + size, trials))
            batch = Batch(rng, segment, some.stop - some.start)
            for year in range(job.years):
                if year:
                    batch.next_year()
                truncated, total, lived = batch.year(costs[some, year])
                expenditure[some, year] += truncated
                cost[some, year] += total
                person_years[some, year] += lived
                excess[some, year] += batch.excess(job.attachment_point)
    costs = zip(job.services, costs.sum(axis=1).T)
    print_figures(job.gains(expenditure, cost, excess, person_years), costs)


if __name__ == "__main__":
    main(*sys.argv[1:])
