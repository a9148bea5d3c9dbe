"""What a researcher publishes: measures of searches, each with its null, its interval and its edge cases.

`docs/reference/measures.md` says which function answers which question. The unit of inference is the theorem: seeds are
repeats inside a theorem, never extra rows.
"""

from cellview.measures.analysis import analyse
from cellview.measures.comparison import ComparedSearch, Comparison, SeedCounts, compare, corrected
from cellview.measures.errors import (
    CellsError,
    MeasuresError,
    MissingExtraError,
    PlanError,
    SampleError,
    SolvedNonTheoremError,
    UnequalRunsError,
)
from cellview.measures.load import load
from cellview.measures.plan import AnalysisSettings, Design, Hypothesis, Plan, read_plan
from cellview.measures.pure.arms import ArmRow, DiversityRow, PortfolioRow
from cellview.measures.pure.bands import CurveBand, exchange_band, theorem_band
from cellview.measures.pure.basin_test import BasinRow, BasinTest, basin_test
from cellview.measures.pure.beside import EfficiencyRow, ResponseRow, WorkRow
from cellview.measures.pure.cells import Cell, Cells, Run, run_digest
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
from cellview.measures.pure.contrasts import MEASURES, Contrast, Settings, contrast
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
from cellview.measures.pure.freezing import FreezingRow, FreezingTable, GainSlope
from cellview.measures.pure.gratification import (
    Gratification,
    GratificationNull,
    delayed_gratification,
    gratification_null,
)
from cellview.measures.pure.multiplicity import holm
from cellview.measures.pure.pairing import Dropped, Pair, Pairs, pair
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
from cellview.measures.pure.planning import Cost, Power, cost_of, power_of
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
from cellview.measures.pure.redundancy import Redundancy, TreeLike, redundancy
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
from cellview.measures.pure.speed import SpeedRow
from cellview.measures.pure.survival import (
    CostCurve,
    Curve,
    LogRank,
    Status,
    cost_curve,
    incidence,
    logrank,
    par2,
    restricted_mean,
    simultaneous_band,
)
from cellview.measures.pure.tables import Analysis, ContrastRow, RunRow
from cellview.measures.pure.together import Together, TogetherTotals, credit_of, together, together_in_all
from cellview.measures.pure.trace_figures import AlgotypeShares, TraceFigures
from cellview.measures.pure.trace_rows import ObstacleRow, TraceRow
from cellview.measures.render import render_analysis

__all__ = [
    "MEASURES",
    "Aggregation",
    "AlgotypeShares",
    "Analysis",
    "AnalysisSettings",
    "ArmRow",
    "BasinRow",
    "BasinTest",
    "Basins",
    "Bootstrap",
    "Cell",
    "Cells",
    "CellsError",
    "ComparedSearch",
    "Comparison",
    "Contrast",
    "ContrastRow",
    "Corridor",
    "Cost",
    "CostCurve",
    "Curve",
    "CurveBand",
    "Design",
    "DiversityRow",
    "Dropped",
    "Duplicates",
    "Efficiency",
    "EfficiencyRow",
    "Equivalence",
    "FreezingRow",
    "FreezingTable",
    "GainSlope",
    "Gratification",
    "GratificationNull",
    "Hypothesis",
    "Interval",
    "Labels",
    "LogRank",
    "MeasuresError",
    "Met",
    "MissingExtraError",
    "Observation",
    "ObstacleRow",
    "Pair",
    "PairedShares",
    "Pairs",
    "Plan",
    "PlanError",
    "PortfolioRow",
    "Power",
    "Proof",
    "ProofLike",
    "ProofNumbers",
    "Recovery",
    "Redundancy",
    "Response",
    "ResponseRow",
    "Run",
    "RunRow",
    "SampleError",
    "SeedCounts",
    "Settings",
    "Shapley",
    "Shares",
    "SignFlip",
    "SolvedNonTheoremError",
    "SpeedRow",
    "Status",
    "Target",
    "Together",
    "TogetherTotals",
    "Tolerance",
    "TraceFigures",
    "TraceRow",
    "TreeLike",
    "UnequalRunsError",
    "VarianceComponents",
    "Visit",
    "WorkRatio",
    "WorkRow",
    "absorption",
    "aggregation",
    "analyse",
    "attempts_of",
    "basin_test",
    "basins",
    "canonical_hash",
    "cluster_bootstrap",
    "compare",
    "contrast",
    "corrected",
    "corridor",
    "cost_curve",
    "cost_of",
    "credit_of",
    "delayed_gratification",
    "detectable",
    "duplicates",
    "effective_contributors",
    "exchange_band",
    "expanded_of",
    "first_obstacle",
    "gini",
    "gratification_null",
    "holm",
    "incidence",
    "jain",
    "load",
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
    "pair",
    "par2",
    "pass_at_k",
    "power_of",
    "proof_number",
    "proof_of",
    "rarefied",
    "read_plan",
    "recovery",
    "redundancy",
    "render_analysis",
    "response",
    "restricted_mean",
    "run_digest",
    "search_efficiency",
    "shapley",
    "shares_of_agents",
    "sign_flip",
    "signatures_by_depth",
    "simultaneous_band",
    "stream",
    "strength_speedup",
    "structural_staleness",
    "theorem_band",
    "theorems_for_mcnemar",
    "theorems_for_mean",
    "time_to_improvement",
    "together",
    "together_in_all",
    "tolerance",
    "tost",
    "variance_components",
    "visits_of",
    "wilson",
    "wl3",
    "work_ratio",
]
