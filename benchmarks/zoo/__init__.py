"""The bug zoo: small actor systems with one planted defect each, to measure how well schedules are searched.

Every specimen behaves under the plain FIFO order; each has a repaired twin that must survive everything.
"""

from zoo.faults import FAULTS
from zoo.races import RACES
from zoo.specimen import Defect, Specimen
from zoo.waits import WAITS

SPECIMENS: tuple[Specimen, ...] = (*RACES, *WAITS, *FAULTS)

__all__ = ["SPECIMENS", "Defect", "Specimen"]
