"""The bug zoo: small actor systems with one planted defect each, to measure how well schedules are searched.

Every specimen behaves under the plain FIFO order; each has a repaired twin that must survive everything.
"""

from cellview.actors.testing.zoo.faults import FAULTS
from cellview.actors.testing.zoo.races import RACES
from cellview.actors.testing.zoo.specimen import Defect, Specimen
from cellview.actors.testing.zoo.waits import WAITS

SPECIMENS: tuple[Specimen, ...] = (*RACES, *WAITS, *FAULTS)

__all__ = ["SPECIMENS", "Defect", "Specimen"]
