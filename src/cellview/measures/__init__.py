"""What a researcher publishes: measures of searches, each with its null, its interval and its edge cases.

`docs/reference/measures.md` says which function answers which question. The unit of inference is the theorem: seeds are
repeats inside a theorem, never extra rows.
"""

from cellview.measures.errors import MeasuresError, MissingExtraError, SampleError
from cellview.measures.pure.collective import (
    Aggregation,
    Duplicates,
    Visit,
    aggregation,
    duplicates,
    effective_contributors,
    gini,
    jain,
    structural_staleness,
)
from cellview.measures.pure.cost import (
    Efficiency,
    WorkRatio,
    logical_speedup,
    search_efficiency,
    strength_speedup,
    work_ratio,
)
from cellview.measures.pure.diversity import Basins, Corridor, basins, corridor, rarefied
from cellview.measures.pure.extra import stream
from cellview.measures.pure.gratification import (
    Gratification,
    GratificationNull,
    delayed_gratification,
    gratification_null,
)
from cellview.measures.pure.multiplicity import holm
from cellview.measures.pure.permutation import SignFlip, sign_flip
from cellview.measures.pure.perturbation import (
    Recovery,
    Response,
    Tolerance,
    absorption,
    no_compensation,
    recovery,
    response,
    tolerance,
)
from cellview.measures.pure.portfolio import Shapley, pass_at_k, shapley
from cellview.measures.pure.power import detectable, mcnemar_power, theorems_for_mcnemar, theorems_for_mean
from cellview.measures.pure.progress import ProofNumbers, proof_number
from cellview.measures.pure.proofs import Labels, Proof, ProofLike, canonical_hash, proof_of, signatures_by_depth, wl3
from cellview.measures.pure.proportions import Interval, PairedShares, mcnemar, wilson
from cellview.measures.pure.records import (
    Met,
    Shares,
    attempts_of,
    expanded_of,
    first_obstacle,
    longest_given_up,
    mean_inflight,
    met_nodes,
    obsolete_at_least,
    shares_of_agents,
    visits_of,
)
from cellview.measures.pure.replayed import Observation, observe, time_to_improvement
from cellview.measures.pure.resampling import (
    Bootstrap,
    Equivalence,
    Target,
    VarianceComponents,
    cluster_bootstrap,
    tost,
    variance_components,
)
from cellview.measures.pure.survival import Curve, LogRank, Status, incidence, logrank, par2, restricted_mean

__all__ = [
    "Aggregation",
    "Basins",
    "Bootstrap",
    "Corridor",
    "Curve",
    "Duplicates",
    "Efficiency",
    "Equivalence",
    "Gratification",
    "GratificationNull",
    "Interval",
    "Labels",
    "LogRank",
    "MeasuresError",
    "Met",
    "MissingExtraError",
    "Observation",
    "PairedShares",
    "Proof",
    "ProofLike",
    "ProofNumbers",
    "Recovery",
    "Response",
    "SampleError",
    "Shapley",
    "Shares",
    "SignFlip",
    "Status",
    "Target",
    "Tolerance",
    "VarianceComponents",
    "Visit",
    "WorkRatio",
    "absorption",
    "aggregation",
    "attempts_of",
    "basins",
    "canonical_hash",
    "cluster_bootstrap",
    "corridor",
    "delayed_gratification",
    "detectable",
    "duplicates",
    "effective_contributors",
    "expanded_of",
    "first_obstacle",
    "gini",
    "gratification_null",
    "holm",
    "incidence",
    "jain",
    "logical_speedup",
    "logrank",
    "longest_given_up",
    "mcnemar",
    "mcnemar_power",
    "mean_inflight",
    "met_nodes",
    "no_compensation",
    "observe",
    "obsolete_at_least",
    "par2",
    "pass_at_k",
    "proof_number",
    "proof_of",
    "rarefied",
    "recovery",
    "response",
    "restricted_mean",
    "search_efficiency",
    "shapley",
    "shares_of_agents",
    "sign_flip",
    "signatures_by_depth",
    "stream",
    "strength_speedup",
    "structural_staleness",
    "theorems_for_mcnemar",
    "theorems_for_mean",
    "time_to_improvement",
    "tolerance",
    "tost",
    "variance_components",
    "visits_of",
    "wilson",
    "wl3",
    "work_ratio",
]
