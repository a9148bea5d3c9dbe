"""AND/OR proof tree: select, expand, backpropagate, solve, extract a proof. Pure and synchronous."""

from cellview.base.mixing import splitmix64 as mix
from cellview.tree.config import AgentProfile, Backpropagation, ExpansionPolicy, Selection, TreeConfig
from cellview.tree.errors import TreeConfigError, TreeError, TreeFormatError
from cellview.tree.keys import statement_digest
from cellview.tree.node import Candidate, Edge, GoalView, Node
from cellview.tree.tree import Tree

__all__ = [
    "AgentProfile",
    "Backpropagation",
    "Candidate",
    "Edge",
    "ExpansionPolicy",
    "GoalView",
    "Node",
    "Selection",
    "Tree",
    "TreeConfig",
    "TreeConfigError",
    "TreeError",
    "TreeFormatError",
    "mix",
    "statement_digest",
]
