"""Experiments: many searches, described once and carried by drivers that end in equal folders."""

from cellview.experiment.admission import Finding, require_standing, verify_run
from cellview.experiment.corpus import Corpus, CorpusTheorem, load_corpus, parse_corpus
from cellview.experiment.errors import (
    CorpusError,
    DamagedRunError,
    ExperimentError,
    ExtensionError,
    ProverFailedError,
    ProviderFailedError,
    ResumeError,
    WorkerMachineError,
)
from cellview.experiment.experiment import Experiment, Setup, statement_digest
from cellview.experiment.extension import enlarged, extend_folder
from cellview.experiment.folder import ExperimentFolder, experiment_of_folder
from cellview.experiment.here import run_here
from cellview.experiment.observer import Observer, SilentObserver
from cellview.experiment.outcome import Outcome, entry_of, verdict_on
from cellview.experiment.perform import Files, Session, perform
from cellview.experiment.plan import Point, PointKey, dependents, points_of
from cellview.experiment.provers import (
    LeanSpec,
    Opened,
    Opener,
    ProverSpec,
    SyntheticSpec,
    lean_version,
    opener_of,
    toolchain_of,
)
from cellview.experiment.providers import (
    KEY_VARIABLE,
    Automation,
    HeuristicSpec,
    ImportedSpec,
    ModelAccess,
    ModelSpec,
    ProviderMaker,
    ProviderSpec,
    StaticSpec,
    provider_name,
)

__all__ = [
    "KEY_VARIABLE",
    "Automation",
    "Corpus",
    "CorpusError",
    "CorpusTheorem",
    "DamagedRunError",
    "Experiment",
    "ExperimentError",
    "ExperimentFolder",
    "ExtensionError",
    "Files",
    "Finding",
    "HeuristicSpec",
    "ImportedSpec",
    "LeanSpec",
    "ModelAccess",
    "ModelSpec",
    "Observer",
    "Opened",
    "Opener",
    "Outcome",
    "Point",
    "PointKey",
    "ProverFailedError",
    "ProverSpec",
    "ProviderFailedError",
    "ProviderMaker",
    "ProviderSpec",
    "ResumeError",
    "Session",
    "Setup",
    "SilentObserver",
    "StaticSpec",
    "SyntheticSpec",
    "WorkerMachineError",
    "dependents",
    "enlarged",
    "entry_of",
    "experiment_of_folder",
    "extend_folder",
    "lean_version",
    "load_corpus",
    "opener_of",
    "parse_corpus",
    "perform",
    "points_of",
    "provider_name",
    "require_standing",
    "run_here",
    "statement_digest",
    "toolchain_of",
    "verdict_on",
    "verify_run",
]
