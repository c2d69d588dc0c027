"""Run by the interpreter of .venv-pyam: what pyam reads in an IAMC file, as JSON on one line."""

import json
import sys
import warnings

warnings.simplefilter("ignore")

import pyam  # noqa: E402

frame = pyam.IamDataFrame(sys.argv[1])
asked = frame.filter(variable=sys.argv[2], year=int(sys.argv[3])).data
told = {
    "version": pyam.__version__, "scenarios": sorted(frame.scenario), "variables": sorted(frame.variable),
    "regions": list(frame.region), "units": sorted(set(frame.unit)), "years": [int(year) for year in frame.year],
    "rows": len(frame), "values": asked[["scenario", "value"]].values.tolist(),
}  # fmt: skip
sys.stdout.write(json.dumps(told) + "\n")
