"""The drawings: what goes into the frame that :mod:`cellview.report.figure` puts round each of them."""
