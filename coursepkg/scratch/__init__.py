"""Neural networks from scratch in NumPy: short files to read, each tested against the library that it explains."""

from coursepkg._lazy import lazy

EXPORTS = {
    "layers": "Activation Container Dense Dropout Layer",
    "sequential": "Sequential",
    "mlp": "MLP",
    "activations": (
        "ACTIVATIONS ActivationFunction SELU_ALPHA SELU_SCALE as_floats elu elu_derivative gelu gelu_derivative "
        "gelu_sigmoid gelu_sigmoid_derivative gelu_tanh gelu_tanh_derivative get_activation heaviside identity "
        "identity_derivative leaky_relu leaky_relu_by_slope leaky_relu_derivative mish mish_derivative relu "
        "relu_derivative rrelu selu selu_derivative sigmoid sigmoid_derivative sign softmax softmax_jvp softplus "
        "softplus_derivative step_derivative swish swish_by_beta swish_derivative tanh tanh_derivative"
    ),
    "approximation": "OneHiddenLayer build_network build_network_to_tolerance max_error",
    "attention": (
        "Embedding LastPlace LayerNormalization MultiHeadAttention Positions TransformerBlock attend attend_backward "
        "causal_mask sinusoids"
    ),
    "autodiff": "Value",
    "batchnorm": "BatchNormalization fold",
    "conv": "AveragePooling2D Conv2D Flatten GlobalAveragePooling2D MaxPooling2D add_windows output_size windows",
    "clipping": "clip_global_norm clip_norm clip_value global_norm",
    "gradcheck": "check_gradients numerical_gradient relative_error",
    "initializers": (
        "INITIALIZERS get_initializer glorot_normal glorot_uniform he_normal he_uniform lecun_normal lecun_uniform "
        "normal orthogonal zeros"
    ),
    "learned_activations": "PReLU Swish",
    "losses": (
        "LOSSES BinaryCrossentropy BinaryFocalCrossentropy CategoricalCrossentropy HalfSquaredError Huber LogCosh "
        "Loss MeanAbsoluteError MeanSquaredError Pinball SparseCategoricalCrossentropy get_loss"
    ),
    "mc_dropout": "DropoutMLP",
    "moments": "gaussian_moments selu_constants",
    "optimizers": "OPTIMIZERS SGD Adagrad Adam AdamW Adamax Lion Nadam Optimizer RMSprop get_optimizer",
    "playground": "Exploration explore features_of",
    "recurrent": "GRU LSTM Recurrent SimpleRNN",
    "residual": "Concatenate Residual",
    "regularizers": "alpha_dropout dropout l1 l2 max_norm soft_threshold spatial_dropout",
    "replicas": "RecurrentReplicas Replicas",
    "schedules": "Performance cosine exponential one_cycle one_cycle_momentum piecewise_constant power",
    "sizes": "count_parameters hidden_widths",
    "threshold": "Perceptron layer novikoff_bound",
}
__all__, __getattr__, __dir__ = lazy(__name__, EXPORTS)
