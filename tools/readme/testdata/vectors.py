# Prints what the guide's verifier says to each of the vectors.
import json
import os
import sys

sys.path.insert(0, os.getcwd())
from verify import verify  # noqa: E402

with open(sys.argv[1], encoding="utf-8") as file:
    for v in json.load(file)["vectors"]:
        print(verify(",".join(v["header"]), (v["body"] * v.get("repeat", 1)).encode(), v["secrets"], v["now"]))
