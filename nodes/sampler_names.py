"""Samplers by the names that files use, and what to take where one is not there yet."""

from __future__ import annotations

from darkroom.diffusion.sampling.samplers import SAMPLERS
from darkroom.diffusion.sampling.schedules import SCHEDULES

SAMPLER_NAMES = (
    *("euler", "euler_cfg_pp", "euler_ancestral", "euler_ancestral_cfg_pp", "heun", "heunpp2", "exp_heun_2_x0"),
    *("exp_heun_2_x0_sde", "dpm_2", "dpm_2_ancestral", "lms", "dpm_fast", "dpm_adaptive", "dpmpp_2s_ancestral"),
    *("dpmpp_2s_ancestral_cfg_pp", "dpmpp_sde", "dpmpp_sde_gpu", "dpmpp_2m", "dpmpp_2m_cfg_pp", "dpmpp_2m_sde"),
    *("dpmpp_2m_sde_gpu", "dpmpp_2m_sde_heun", "dpmpp_2m_sde_heun_gpu", "dpmpp_3m_sde", "dpmpp_3m_sde_gpu", "ddpm"),
    *("lcm", "ipndm", "ipndm_v", "deis", "res_multistep", "res_multistep_cfg_pp", "res_multistep_ancestral"),
    *("res_multistep_ancestral_cfg_pp", "gradient_estimation", "gradient_estimation_cfg_pp", "er_sde", "seeds_2"),
    *("seeds_3", "sa_solver", "sa_solver_pece", "ddim", "uni_pc", "uni_pc_bh2"),
)
"""Every name a file may carry, in the order of ComfyUI's list; a file keeps its choice also before we have it."""

SCHEDULER_NAMES = tuple(SCHEDULES)

RELATIVES = (
    (("ancestral", "sde", "ddpm", "lcm", "seeds", "sa_solver"), "euler_ancestral"),  # they add noise at each step
    (("heun", "dpm_2"), "heun"),  # two network calls a step
    (("euler", "ddim"), "euler"),
    (("",), "dpmpp_2m"),  # the rest remembers earlier steps
)
"""Parts of names, and the sampler among ours that works most alike; the first that fits."""


def available(sampler: str) -> bool:
    return sampler in SAMPLERS


def relative(sampler: str) -> str:
    """The sampler we have that works most like the named one."""
    return next(name for parts, name in RELATIVES if any(part in sampler for part in parts))
