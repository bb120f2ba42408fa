from .numpy_kernels import distance_field as distance_field
from .numpy_kernels import expand_bits as expand_bits
from .numpy_kernels import is_grey as is_grey
from .numpy_kernels import joint_histogram as joint_histogram
from .numpy_kernels import level_scores as level_scores
from .numpy_kernels import mask_moments as mask_moments
from .numpy_kernels import trace_curves as trace_curves
from .numpy_kernels import weighted_errors as weighted_errors
