"""From noise to a latent. Read in this order:

model_sampling.py  what a network predicts and which sigmas it was trained on
schedules.py       which sigmas a run visits
steps.py           which part of them: denoise, first and last step
samplers.py        how to walk from sigma to sigma, given `denoise(x, sigma) -> x0`
noise.py           where randomness comes from
contracts.py       what all this asks of a model and of a ControlNet
areas.py           where and when each conditioning acts
batching.py        which conditionings share one network call
guidance.py        conditionings and a network become one `denoise`
inpaint.py         a mask around `denoise`
sample.py          all of it, for a latent on a wire
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
