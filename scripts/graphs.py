"""The graphs of an M2M100 model, built node by node: cermat's own layout.

    encoder.onnx   input_ids [B,S], attention_mask [B,S]
                   -> last_hidden_state [B,S,d], present.{i}.encoder.{key,value} [B,H,S,D]
    decoder.onnx   input_ids [B,T], encoder_attention_mask [B,S],
                   past_key_values.{i}.decoder.{key,value} [B,H,P,D] (P = 0 at the start),
                   past_key_values.{i}.encoder.{key,value} [B,H,S,D]
                   -> logits [B,T,V], present.{i}.decoder.{key,value} [B,H,P+T,D]

One decoder serves the first step, the later ones and forced decoding, so its weights are stored
and loaded once; the keys and values of the source are computed once, in the encoder. A traced
graph spends most of a step on the arithmetic of shapes (360 nodes for two layers); this one has
a quarter of the nodes, with the fused operators of ONNX Runtime (`com.microsoft`).

Eight-bit products are exact sums in int32 of what was rounded before, and nothing is rounded by
what stands in another row: the arithmetic of a segment does not depend on what it shares a batch
with. `quantize_dynamic` of ONNX Runtime takes one scale for a whole tensor, so a sentence scores
differently beside another (measured on 200 lines of FLORES dev with the first model: up to 0.08
nats a token between batches of 1 and of 32, and another translation in two of three). Here

    x @ W  ~= (q(x) - zero) @ Wq * s * c     Wq = round(W / c) as int8, one c for each column

with q(x) of uint8 (ONNX Runtime 1.31 has no fast kernel for int8 x int8: four times slower,
measured) and

- behind a layer normalisation, which leaves rows of one length, one fixed s: five standard
  deviations of the widest channel. Nothing has to be computed or calibrated;
- behind attention s = max |x| / 127, and behind a ReLU s = max x / 255, for each row.

Against float32 (lines 201 to 350 of FLORES dev, reference by forced decoding in both directions,
first model, 2026-11-23) a segment's mean differs by 0.0093 nats on average and 0.034 at most;
with a scale for each row everywhere by 0.0073 and 0.033, and a step takes a sixth longer.

Weights use 64 of the 127 steps: a CPU without VNNI adds two products in 16 bits and saturates
beyond (255 * 64 * 2 < 2**15 <= 255 * 65 * 2), one with VNNI does not. So the sums are exact, and
the same, everywhere. The table of embeddings is stored once, as int8 rows, and is the output
projection as well.
"""

import numpy as np

# Largest quantised weight.
TOP = 64
# Standard deviations that eight bits span after a layer normalisation.
SIGMAS = 5
# Attention adds this to what is masked; its exponential is zero.
MASKED = -1e9
OPSET = 18


def columns(weight):
    """[K, N] floats to int8 and one scale a column."""
    scale = np.abs(weight).max(0) / TOP
    scale[scale == 0] = 1.0
    quantised = np.clip(np.round(weight / scale), -TOP, TOP).astype(np.int8)
    return quantised, scale.astype(np.float32)


class Builder:
    """A graph in the making. A value is known by its name."""

    def __init__(self, quantised):
        self.quantised = quantised
        self.nodes, self.constants, self.names = [], {}, 0
        # What a layer normalisation gives, as uint8.
        self.normed = {}

    def constant(self, name, array):
        self.constants.setdefault(name, np.ascontiguousarray(array))
        return name

    def node(self, kind, inputs, outputs=1, domain="", **attributes):
        """Adds a node; `outputs` is how many it has, or their names."""
        from onnx import helper

        if isinstance(outputs, int):
            outputs = [self.name() for _ in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, outputs, domain=domain, **attributes))
        return outputs[0] if len(outputs) == 1 else outputs

    def name(self):
        self.names += 1
        return format(self.names, "x")

    def fused(self, kind, inputs, outputs=1, **attributes):
        return self.node(kind, inputs, outputs, domain="com.microsoft", **attributes)

    def rows(self, value, positive=False):
        """uint8 rows and what to scale a product of them with. `positive`: of what a ReLU leaves
        of `value`, for which all 255 steps are used."""
        size = value if positive else self.node("Abs", [value])
        last = self.constant("last", np.array([-1], np.int64))
        top = self.node("ReduceMax", [size, last], keepdims=1)
        # A row of zeros keeps a scale that can be divided by.
        scale = self.node("Max", [top, self.constant("tiny", np.array(1e-12, np.float32))])
        part = self.node("Div", [value, scale])
        name, steps, middle = ("positive", 255, 0) if positive else ("signed", 127, 128)
        step = self.constant(name + ".step", np.array(1 / steps, np.float32))
        zero = self.constant(name + ".zero", np.array(middle, np.uint8))
        return self.node("QuantizeLinear", [part, step, zero]), scale, step, zero

    def fixed(self, value, name, top):
        """uint8 for what runs from `-top` to `top`."""
        step = self.constant(name + ".step", np.array(top / 127, np.float32))
        zero = self.constant("signed.zero", np.array(128, np.uint8))
        return self.node("QuantizeLinear", [value, step, zero]), step, zero

    def product(self, value, name, weight, positive=False, bias=None):
        """`value` [.., K] times `weight` [K, N], plus `bias` [N]."""
        if bias is not None:
            bias = self.constant(name + ".b", bias)
        if not self.quantised:
            product = self.node("MatMul", [value, self.constant(name + ".w", weight)])
            return product if bias is None else self.node("Add", [product, bias])
        whole, by_column = columns(weight)
        whole, by_column = self.constant(name + ".q", whole), self.constant(name + ".s", by_column)
        if value in self.normed:
            rows, step, zero = self.normed[value]
            inputs = [rows, whole, step, by_column, zero] + (["", bias] if bias else [])
            return self.fused("MatMulIntegerToFloat", inputs)
        rows, scale, step, zero = self.rows(value, positive)
        product = self.fused("MatMulIntegerToFloat", [rows, whole, step, by_column, zero])
        product = self.node("Mul", [product, scale])
        return product if bias is None else self.node("Add", [product, bias])

    def model(self, inputs, outputs):
        """The finished graph; `inputs` and `outputs` are `(name, type, shape)`."""
        from onnx import helper, numpy_helper

        info = lambda values: [helper.make_tensor_value_info(*value) for value in values]
        constants = [numpy_helper.from_array(array, name) for name, array in self.constants.items()]
        graph = helper.make_graph(self.nodes, "g", info(inputs), info(outputs), constants)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10)


class Graphs:
    """Builds both graphs from a checkpoint's weights (`name -> array`) and `config.json`."""

    def __init__(self, weights, config, quantised):
        expected = {"activation_function": "relu", "scale_embedding": True}
        for key, value in expected.items():
            if config.get(key, value) != value:
                raise ValueError(
                    f"config.json: `{key}` is {config[key]!r}, this layout knows {value!r} only; "
                    "--layout optimum takes others"
                )
        self.weights, self.config, self.quantised = weights, config, quantised
        self.d = config["d_model"]

    def weight(self, name):
        """A linear layer's weight as [in, out]."""
        return self.weights[f"model.{name}.weight"].T

    def bias(self, name):
        return self.weights[f"model.{name}.bias"]

    def embed(self, b, ids):
        """Embeddings without positions."""
        table = self.weights["model.shared.weight"]
        scale = np.float32(self.d**0.5)
        if not self.quantised:
            rows = b.node("Gather", [b.constant("table", table), ids])
            return b.node("Mul", [rows, b.constant("table.scale", scale)])
        whole, by_row = columns(table.T)
        rows = b.node("Gather", [b.constant("table", whole.T), ids])
        by = b.node("Gather", [b.constant("table.rows", by_row[:, None] * scale), ids])
        return b.node("Mul", [b.node("Cast", [rows], to=1), by])

    def positions(self, b, start, length):
        """Sinusoids of positions `start` to `start + length`, counted from 0.

        Padding stands on the right and is masked, so that where it would stand does not matter;
        the checkpoint's first position is the one after that of the padding token."""
        count, first = self.config["max_position_embeddings"], self.config["pad_token_id"] + 1
        half = self.d // 2
        step = np.exp(np.arange(half, dtype=np.float32) * -np.float32(np.log(10000) / (half - 1)))
        # Sines are computed: the table would be a tenth of a small model.
        places = b.constant("places", np.arange(first, first + count, dtype=np.float32)[:, None])
        end = length if start is None else b.node("Add", [start, length])
        start = b.constant("nought", np.array([0], np.int64)) if start is None else start
        places = b.node("Slice", [places, start, end, b.constant("axis", np.array([0], np.int64))])
        angle = b.node("Mul", [places, b.constant("frequencies", step[None])])
        parts = [b.node("Sin", [angle]), b.node("Cos", [angle])]
        if self.d % 2:
            parts.append(b.node("Mul", [places, b.constant("none", np.zeros((1, 1), np.float32))]))
        return b.node("Concat", parts, axis=-1)

    def norm(self, b, value, name):
        """`(normalised, value)`."""
        gamma = b.constant(name + ".g", self.weights[f"model.{name}.weight"])
        beta = b.constant(name + ".b", self.bias(name))
        normed = b.node("LayerNormalization", [value, gamma, beta], axis=-1, epsilon=1e-5)
        if self.quantised:
            gamma, beta = np.abs(self.weights[f"model.{name}.weight"]), np.abs(self.bias(name))
            b.normed[normed] = b.fixed(normed, name, (gamma * SIGMAS + beta).max())
        return normed, value

    def add_norm(self, b, value, residual, bias, name):
        """`(normalised, sum)` of `value + bias + residual`.

        Not `SkipLayerNormalization`, which does the three in one node: on a CPU it is 1.4 times
        as slow on 8 rows of 256 and 4.6 times on 1,280."""
        value = b.node("Add", [value, b.constant(bias + ".b", self.bias(bias))])
        return self.norm(b, b.node("Add", [value, residual]), name)

    def joined(self, b, value, prefix, parts):
        """The products of `value` with several weights as one, split again."""
        weight = np.concatenate([self.weight(f"{prefix}.{part}_proj") for part in parts], 1)
        whole = b.product(value, f"{prefix}.{''.join(parts)}", weight)
        return b.node("Split", [whole], len(parts), axis=-1, num_outputs=len(parts))

    def joined_bias(self, b, prefix, parts):
        bias = np.concatenate([self.bias(f"{prefix}.{part}_proj") for part in parts])
        return b.constant(f"{prefix}.{''.join(parts)}.b", bias)

    def feed_forward(self, b, value, prefix):
        inner = b.product(value, f"{prefix}.fc1", self.weight(f"{prefix}.fc1"), bias=self.bias(f"{prefix}.fc1"))
        if not self.quantised:
            # What is negative becomes 0 as uint8 anyway.
            inner = b.node("Relu", [inner])
        return b.product(inner, f"{prefix}.fc2", self.weight(f"{prefix}.fc2"), positive=True)

    def heads(self, b, value, heads):
        """[B, S, d] to [B, H, S, D]."""
        shape = b.constant("heads", np.array([0, 0, heads, self.d // heads], np.int64))
        return b.node("Transpose", [b.node("Reshape", [value, shape])], perm=[0, 2, 1, 3])

    def encoder(self):
        """`encoder.onnx`."""
        b, heads = Builder(self.quantised), self.config["encoder_attention_heads"]
        length = b.node("Shape", ["input_ids"], start=1, end=2)
        value = b.node("Add", [self.embed(b, "input_ids"), self.positions(b, None, length)])
        mask = b.node("Cast", ["attention_mask"], to=6)
        layers = self.config["encoder_layers"]
        normed, value = self.norm(b, value, "encoder.layers.0.self_attn_layer_norm")
        for i in range(layers):
            prefix = f"encoder.layers.{i}"
            own = f"{prefix}.self_attn"
            q, k, v = self.joined(b, normed, own, "qkv")
            value_of = b.fused(
                "MultiHeadAttention", [q, k, v, self.joined_bias(b, own, "qkv"), mask],
                num_heads=heads, mask_filter_value=MASKED,
            )
            out = b.product(value_of, f"{own}.out", self.weight(f"{own}.out_proj"))
            normed, value = self.add_norm(b, out, value, f"{own}.out_proj", f"{prefix}.final_layer_norm")
            out = self.feed_forward(b, normed, prefix)
            following = f"encoder.layers.{i + 1}.self_attn_layer_norm" if i + 1 < layers else "encoder.layer_norm"
            normed, value = self.add_norm(b, out, value, f"{prefix}.fc2", following)
        b.node("Identity", [normed], ["last_hidden_state"])
        decoder_layers, heads = self.config["decoder_layers"], self.config["decoder_attention_heads"]
        outputs = [("last_hidden_state", 1, ["B", "S", self.d])]
        for i in range(decoder_layers):
            for part, kind in (("k", "key"), ("v", "value")):
                name = f"decoder.layers.{i}.encoder_attn.{part}_proj"
                product = b.product(normed, name, self.weight(name), bias=self.bias(name))
                output = f"present.{i}.encoder.{kind}"
                b.node("Identity", [self.heads(b, product, heads)], [output])
                outputs.append((output, 1, ["B", heads, "S", self.d // heads]))
        inputs = [("input_ids", 7, ["B", "S"]), ("attention_mask", 7, ["B", "S"])]
        return b.model(inputs, outputs)

    def decoder(self):
        """`decoder.onnx`."""
        b, heads = Builder(self.quantised), self.config["decoder_attention_heads"]
        size = self.d // heads
        past = b.node("Shape", ["past_key_values.0.decoder.key"], start=2, end=3)
        length = b.node("Shape", ["input_ids"], start=1, end=2)
        value = b.node("Add", [self.embed(b, "input_ids"), self.positions(b, past, length)])
        mask = b.node("Cast", ["encoder_attention_mask"], to=6)
        inputs = [("input_ids", 7, ["B", "T"]), ("encoder_attention_mask", 7, ["B", "S"])]
        outputs = [("logits", 1, ["B", "T", self.config["vocab_size"]])]
        layers = self.config["decoder_layers"]
        normed, value = self.norm(b, value, "decoder.layers.0.self_attn_layer_norm")
        for i in range(layers):
            prefix = f"decoder.layers.{i}"
            own, cross = f"{prefix}.self_attn", f"{prefix}.encoder_attn"
            pasts = [f"past_key_values.{i}.decoder.{kind}" for kind in ("key", "value")]
            presents = [f"present.{i}.decoder.{kind}" for kind in ("key", "value")]
            sources = [f"past_key_values.{i}.encoder.{kind}" for kind in ("key", "value")]
            inputs += [(name, 1, ["B", heads, "P", size]) for name in pasts]
            inputs += [(name, 1, ["B", heads, "S", size]) for name in sources]
            outputs += [(name, 1, ["B", heads, "P+T", size]) for name in presents]
            q, k, v = self.joined(b, normed, own, "qkv")
            found = b.fused(
                "MultiHeadAttention",
                [q, k, v, self.joined_bias(b, own, "qkv"), "", "", *pasts],
                [b.name(), *presents], num_heads=heads, unidirectional=1, mask_filter_value=MASKED,
            )[0]
            out = b.product(found, f"{own}.out", self.weight(f"{own}.out_proj"))
            normed, value = self.add_norm(b, out, value, f"{own}.out_proj", f"{prefix}.encoder_attn_layer_norm")
            q = b.product(normed, f"{cross}.q", self.weight(f"{cross}.q_proj"), bias=self.bias(f"{cross}.q_proj"))
            found = b.fused(
                "MultiHeadAttention", [q, *sources, "", mask], num_heads=heads, mask_filter_value=MASKED
            )
            out = b.product(found, f"{cross}.out", self.weight(f"{cross}.out_proj"))
            normed, value = self.add_norm(b, out, value, f"{cross}.out_proj", f"{prefix}.final_layer_norm")
            out = self.feed_forward(b, normed, prefix)
            following = f"decoder.layers.{i + 1}.self_attn_layer_norm" if i + 1 < layers else "decoder.layer_norm"
            normed, value = self.add_norm(b, out, value, f"{prefix}.fc2", following)
        if self.quantised:
            whole, by_row = columns(self.weights["model.shared.weight"].T)
            matrix = b.node("Transpose", [b.constant("table", whole.T)], perm=[1, 0])
            rows, step, zero = b.normed[normed]
            factors = [rows, matrix, step, b.constant("table.columns", by_row), zero]
            b.fused("MatMulIntegerToFloat", factors, ["logits"])
        else:
            matrix = b.node("Transpose", [b.constant("table", self.weights["model.shared.weight"])], perm=[1, 0])
            b.node("MatMul", [normed, matrix], ["logits"])
        return b.model(inputs, outputs)
