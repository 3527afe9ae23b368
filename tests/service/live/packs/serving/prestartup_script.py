import os

os.environ["SERVING_BEGUN"] = "yes"
