"""The person job as its rivals read it: the laws of its scenario as tables, its settlement, and the figures that they print."""

import json
import math
import tomllib
from pathlib import Path

import numpy as np
from scipy.special import betainc, gammaincc, ndtr, ndtri

HERE = Path(__file__).resolve().parent

# A table at normal scores has this many cells a unit, up to the last score: one draw in 10^12 lies beyond.
CELLS_A_UNIT = 256
LAST_SCORE = 7.0


def lognormal_logs(mean, cv):
    """The mean and the standard deviation of the logarithm."""
    variance = math.log1p(cv**2)
    return math.log(mean) - variance / 2, math.sqrt(variance)


def chances_of_more(mean, dispersion):
    """Chances of a negative binomial above 0, 1, ..., as long as they matter."""
    above = betainc(np.arange(1, 4001), dispersion, mean / (mean + dispersion))
    return above[above > 1e-14]


class Amounts:
    """Dollars of an event or of a year: a gamma, or a mixture of one or two lognormals."""

    def __init__(self, law):
        self.shape = self.scale = 0.0
        self.parts = []  # weight, mean of the logarithm, its standard deviation
        if "gamma" in law:
            self.shape = law["gamma"]["cv"] ** -2
            self.scale = law["gamma"]["mean"] / self.shape
        else:
            parts = law.get("lognormal_mixture") or [{"weight": 1.0, **law["lognormal"]}]
            weight = sum(part["weight"] for part in parts)
            self.parts = [(part["weight"] / weight, *lognormal_logs(part["mean"], part["cv"])) for part in parts]

    def chance_above(self, dollars):
        if self.shape:
            return gammaincc(self.shape, dollars / self.scale)
        return sum(weight * ndtr((mean - np.log(dollars)) / sd) for weight, mean, sd in self.parts)


class Service:
    """One service of a segment. A service that people use by their score has tables of what each score uses."""

    def __init__(self, law):
        self.follows = law.get("follows")
        self.is_annual = "annual" in law
        self.amounts = Amounts(law["annual"] if self.is_annual else law["severity"])
        self.loading = law.get("frailty_loading", 0.0)
        self.own = math.sqrt(1 - self.loading**2)
        self.probability = law.get("frequency", {}).get("bernoulli", {}).get("probability")
        if self.is_annual:
            self.tabulate_amounts(law["annual"]["zero"])
        elif self.probability is None:
            self.tabulate_counts(**law["frequency"]["negative_binomial"])

    def edges(self):
        return np.arange(self.first, LAST_SCORE + 2 / CELLS_A_UNIT, 1 / CELLS_A_UNIT)

    def tabulate_counts(self, mean, dispersion):
        """`thresholds[k]` is the score above which the count is more than k; `guide` has the count at the left of each cell."""
        above = chances_of_more(mean, dispersion)
        scores = -ndtri(above)
        self.first = scores[0]
        edges = self.edges()
        self.guide = np.searchsorted(scores, edges, "right")
        assert np.diff(self.guide).max() <= 1, "a cell holds two thresholds"
        self.thresholds = np.append(scores, np.inf)
        self.cumulative = 1 - above

    def tabulate_amounts(self, zero):
        """`table` has the dollars at the edges of cells, between which they are read in a straight line."""
        self.first = ndtri(zero)
        dollars = np.geomspace(1e-3, 1e9, 40_000)
        scores = -ndtri((1 - zero) * self.amounts.chance_above(dollars))
        edges = self.edges()
        self.table = np.exp(np.interp(edges, scores, np.log(dollars)))
        self.table[0] = 0.0
        self.steps = np.diff(self.table, append=self.table[-1])


class Segment:
    """People of the same laws. Services are in the order of the file, in which what follows comes after what it follows."""

    def __init__(self, law):
        self.name, self.members = law["name"], law["members"]
        self.truncation_point = law["truncation_point"]
        self.persistence = law["frailty"]["persistence"]
        self.turnover = law.get("turnover", {}).get("rate", 0.0)
        self.services = {name: Service(service) for name, service in law["services"].items()}
        mortality = law["mortality"]
        self.death_score = -ndtri(mortality["probability"])
        self.death_loading = mortality["frailty_loading"]
        end = mortality["end_of_life"]
        self.end_of_life = lognormal_logs(**end["amount"]["lognormal"])
        self.end_of_life_shares = [end["services"].get(name, 0.0) for name in self.services]


class Job:
    """A scenario of the person job."""

    def __init__(self, path):
        scenario = tomllib.loads(Path(path).read_text())
        self.years = scenario["run"].get("years", 1)
        self.segments = [Segment(law) for law in scenario["population"]["segments"]]
        self.services = list(self.segments[0].services)
        self.contracts = scenario["contracts"]
        covers = [contract.get("covers", {}).get("specific") for contract in self.contracts]
        self.attachment_point = next((cover["attachment_point"] for cover in covers if cover), math.inf)

    def gains(self, expenditure, cost, excess, person_years):
        """Gains of each contract by trial. Every argument is by trial and year: what is truncated, what is not, the part of
        people's cost above the attachment point, and the person-years that were lived."""
        for contract in self.contracts:
            terms = contract["terms"]
            if "mssp" in terms:
                benchmark = terms["mssp"]["benchmark"]["per_capita"] * person_years
                gain = mssp_enhanced(benchmark, expenditure, terms["mssp"]["minimum_rate"])
            else:
                pmpm = terms["capitation"]["pmpm"] - contract["covers"]["specific"]["premium_pmpm"]
                gain = 12 * pmpm * person_years - (cost - excess)
            yield contract["name"], gain.sum(axis=1)


def mssp_enhanced(benchmark, expenditure, minimum_rate):
    """MSSP's ENHANCED track: 75% of savings up to 20% of the benchmark, 40% of losses up to 15%, at or beyond the minimum."""
    savings = benchmark - expenditure
    shared = np.minimum(0.75 * savings, 0.20 * benchmark)
    repaid = np.maximum(0.40 * savings, -0.15 * benchmark)
    minimum = minimum_rate * benchmark
    return np.where(savings >= minimum, shared, np.where(savings <= -minimum, repaid, 0.0))


def figure(values):
    """The mean and the standard deviation over trials, each with its standard error."""
    count, mean = len(values), values.mean()
    centered = values - mean
    variance = (centered**2).sum() / (count - 1)
    fourth = (centered**4).mean()
    sd = math.sqrt(variance)
    sd_error = math.sqrt(max(fourth - variance**2, 0.0) / (4 * count * variance)) if variance else 0.0
    return {"mean": mean, "mean_error": sd / math.sqrt(count), "sd": sd, "sd_error": sd_error}


def print_figures(gains, costs):
    """Gains by contract and the year's cost by service, each by trial, as the JSON that `run --check` reads."""
    figures = {"gains": {}, "costs": {}}
    figures["gains"].update((name, figure(values)) for name, values in gains)
    figures["costs"].update((name, figure(values)) for name, values in costs)
    print(json.dumps(figures, indent=1))
