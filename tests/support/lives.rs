//! A scenario of people who die, leave and are moved by factors.

/// People who die, leave and are moved by correlated factors.
pub const LIVES: &str = "[run]\nname = \"Lives\"\ntrials = 400\nseed = 3\n[population]\ntrend = { mean = 1.05, cv = 0.01 }\n\
     [[population.segments]]\nname = \"old\"\nmembers = 3_000\ntruncation_point = 60_000\nfrailty = { persistence = 0.7 }\n\
     mortality = { probability = 0.1, frailty_loading = 0.5, end_of_life = { amount = { gamma = { mean = 15_000, cv = 1 } }, \
     services = { stays = 1 } } }\nturnover = { rate = 0.2, joiner_cost = 1.4, leaver_cost = 0.8 }\n\
     [population.segments.services.stays]\nfrequency = { poisson = { mean = 0.3 } }\nseverity = { lognormal = { mean = 15_000, cv = 1.5 } }\n\
     frailty_loading = 0.6\n[population.segments.services.days]\nfollows = \"stays\"\nfrequency = { poisson = { mean = 2 } }\n\
     severity = { gamma = { mean = 400, cv = 1 } }\n[population.segments.services.visits]\n\
     annual = { lognormal = { mean = 4_000, cv = 2 }, zero = 0.2 }\nfrailty_loading = 0.5\n[system]\n\
     correlations = [{ between = [\"a\", \"b\"], value = 0.6 }]\n[[system.factors]]\nname = \"a\"\nlognormal = { mean = 1.02, cv = 0.05 }\n\
     loading = { cost = 1.5 }\n[[system.factors]]\nname = \"b\"\nlognormal = { mean = 1, cv = 0.1 }\n[[system.factors]]\nname = \"c\"\n\
     shock = { probability = 0.2, mean = 1.1, cv = 0.02 }\nloading = { services = { visits = 2 } }\n[[system.factors]]\nname = \"d\"\n\
     gamma = { mean = 1, cv = 0.05 }\nloading = { cost = 0, services = { visits = 0.5 } }\n\
     [[contracts]]\nname = \"MSSP\"\nterms.mssp = { track = \"enhanced\", benchmark.per_capita = 12_000 }\n";
