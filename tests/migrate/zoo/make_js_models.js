// Models made by TensorFlow.js itself: `node make_js_models.js OUT` where @tensorflow/tfjs is installed, of any version from 1.3 on.
// A folder a model: js/model.json and js/weights.bin as its own save writes them (and metadata.json as Teachable Machine does), and
// expected.json, which `python make_js.py --expected OUT` makes expected.npz of.
const fs = require('fs');
const path = require('path');
const { createRequire } = require('module');

const tf = createRequire(path.join(process.cwd(), 'here.js'))('@tensorflow/tfjs');
const L = tf.layers;
const zoo = {};

zoo.head = () => tf.sequential({
  layers: [
    L.dense({ inputShape: [20], units: 10, activation: 'relu', kernelInitializer: 'varianceScaling', useBias: true }),
    L.dense({ kernelInitializer: 'varianceScaling', useBias: false, activation: 'softmax', units: 3 }),
  ],
});

// As Teachable Machine: a MobileNet cut off in the middle and pooled, in a Sequential, before a trained head, in a Sequential.
zoo.teachable = () => {
  const image = tf.input({ shape: [16, 16, 3] });
  let h = L.zeroPadding2d({ padding: [[0, 1], [0, 1]], name: 'conv1_pad' }).apply(image);
  h = L.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 'valid', useBias: false, name: 'Conv1' }).apply(h);
  h = L.reLU({ maxValue: 6, name: 'Conv1_relu' }).apply(L.batchNormalization({ name: 'bn_Conv1', momentum: 0.999 }).apply(h));
  const before = h;
  h = L.depthwiseConv2d({ kernelSize: 3, padding: 'same', useBias: false, name: 'expanded_conv_depthwise' }).apply(h);
  h = L.batchNormalization({ name: 'expanded_conv_depthwise_BN', epsilon: 0.001 }).apply(h);
  h = L.conv2d({ filters: 4, kernelSize: 1, padding: 'same', useBias: false, name: 'expanded_conv_project' }).apply(L.reLU({ maxValue: 6 }).apply(h));
  h = L.add({ name: 'block_1_add' }).apply([before, h]);
  const whole = tf.model({ inputs: image, outputs: L.conv2d({ filters: 9, kernelSize: 1, name: 'beyond' }).apply(h) });
  const cut = tf.model({ inputs: whole.inputs, outputs: whole.getLayer('block_1_add').output });
  const feature = tf.sequential();
  feature.add(cut);
  feature.add(L.globalAveragePooling2d({}));
  const joint = tf.sequential();
  joint.add(feature);
  joint.add(tf.sequential({ layers: [L.dense({ inputShape: [4], units: 6, activation: 'relu' }), L.dense({ units: 2, useBias: false, activation: 'softmax' })] }));
  return joint;
};

zoo.pictures = () => tf.sequential({
  layers: [
    L.conv2d({ inputShape: [12, 12, 1], filters: 4, kernelSize: 5, activation: 'relu', kernelInitializer: 'varianceScaling' }),
    L.maxPooling2d({ poolSize: [2, 2], strides: [2, 2] }),
    L.conv2d({ filters: 3, kernelSize: 3, strides: [2, 1], padding: 'same', dilationRate: 1, activation: 'elu' }),
    L.dropout({ rate: 0.25 }), L.flatten(), L.dense({ units: 3, activation: 'softmax' }),
  ],
});

zoo.text = () => tf.sequential({
  layers: [
    L.embedding({ inputDim: 11, outputDim: 5, inputLength: 7, maskZero: true }),
    L.lstm({ units: 4, returnSequences: true, recurrentActivation: 'hardSigmoid' }), L.gru({ units: 3, resetAfter: false }),
    L.dense({ units: 2, activation: 'sigmoid' }),
  ],
});
zoo.text.ints = 11;

zoo.both_ways = () => tf.sequential({
  layers: [
    L.bidirectional({ layer: L.lstm({ units: 3, returnSequences: true }), mergeMode: 'concat', inputShape: [5, 4] }),
    L.bidirectional({ layer: L.simpleRNN({ units: 3, returnSequences: true }), mergeMode: 'sum' }),
    L.timeDistributed({ layer: L.dense({ units: 4, activation: 'tanh' }) }),
    L.rnn({ cell: [L.lstmCell({ units: 3 }), L.gruCell({ units: 2 })], goBackwards: true }), L.repeatVector({ n: 2 }),
  ],
});

zoo.two_starts = () => {
  const a = tf.input({ shape: [6], name: 'left' }), b = tf.input({ shape: [6], name: 'right' });
  const shared = L.dense({ units: 5, activation: 'selu', name: 'shared' });
  const u = shared.apply(a), v = shared.apply(b);
  const all = L.concatenate({ axis: -1 }).apply([L.multiply().apply([u, v]), L.dot({ axes: -1, normalize: true }).apply([u, v]), L.maximum().apply([u, v])]);
  return tf.model({ inputs: [a, b], outputs: [L.dense({ units: 1 }).apply(all), L.average().apply([u, v])] });
};

zoo.pictures_made = () => tf.sequential({
  layers: [
    L.dense({ inputShape: [7], units: 36, useBias: false }), L.batchNormalization({ momentum: 0.8, scale: false }), L.leakyReLU({ alpha: 0.2 }),
    L.reshape({ targetShape: [3, 3, 4] }), L.upSampling2d({ size: [2, 2] }),
    L.conv2dTranspose({ filters: 3, kernelSize: [3, 2], strides: 2, padding: 'same', activation: 'relu' }),
    L.cropping2D({ cropping: [[1, 0], [0, 2]] }), L.permute({ dims: [2, 1, 3] }), L.separableConv2d({ filters: 2, kernelSize: 3, depthMultiplier: 2 }),
  ],
});

zoo.signals = () => tf.sequential({
  layers: [
    L.conv1d({ inputShape: [16, 3], filters: 4, kernelSize: 3, padding: 'same', dilationRate: 2, activation: 'softsign' }),
    L.maxPooling1d({ poolSize: 2 }), L.prelu({ sharedAxes: [1] }), L.averagePooling1d({ poolSize: 2, strides: 1, padding: 'same' }),
    L.layerNormalization({ axis: -1, epsilon: 0.01 }), L.thresholdedReLU({ theta: 0.1 }), L.globalMaxPooling1d(),
    L.dense({ units: 3, kernelRegularizer: 'l1l2', kernelConstraint: 'maxNorm', activation: 'softplus' }),
  ],
});

zoo.residual = () => {
  const a = tf.input({ shape: [6, 6, 3] });
  let h = L.conv2d({ filters: 4, kernelSize: 3, padding: 'same' }).apply(a);
  const g = L.activation({ activation: 'relu' }).apply(L.batchNormalization().apply(h));
  h = L.add().apply([h, L.conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu6' }).apply(g)]);
  h = L.averagePooling2d({ poolSize: 2, padding: 'same' }).apply(L.elu().apply(h));
  return tf.model({ inputs: a, outputs: [L.globalMaxPooling2d({}).apply(h), L.softmax({ axis: -1 }).apply(L.flatten().apply(h))] });
};

zoo.moving_pictures = () => tf.sequential({
  layers: [
    L.conv3d({ inputShape: [4, 6, 6, 2], filters: 3, kernelSize: 2, activation: 'sigmoid' }), L.averagePooling3d({ poolSize: [1, 2, 2] }),
    L.flatten(), L.gaussianNoise({ stddev: 0.1 }), L.dense({ units: 2, activation: 'linear' }),
  ],
});

// Where TensorFlow.js may compute otherwise than Keras does under the same words.
zoo.larger = () => tf.sequential({
  layers: [L.conv2d({ inputShape: [5, 4, 2], filters: 3, kernelSize: 2 }), L.upSampling2d({ size: [2, 3], interpolation: 'bilinear' })],
});

zoo.prepared = () => tf.sequential({
  layers: [L.rescaling({ inputShape: [7, 6, 2], scale: 0.5, offset: 0.1 }), L.centerCrop({ height: 4, width: 3 }), L.conv2d({ filters: 2, kernelSize: 2 })],
});

zoo.counted = () => tf.sequential({ layers: [L.categoryEncoding({ inputShape: [3], numTokens: 6, outputMode: 'multiHot' }), L.dense({ units: 2 })] });
zoo.counted.ints = 6;

zoo.later_activations = () => tf.sequential({
  layers: ['swish', 'mish', 'gelu', 'hardSigmoid', 'relu6'].map((name, at) =>
    L.dense({ ...(at ? {} : { inputShape: [5] }), units: 6, activation: name })),
});

zoo.masked_start = () => tf.sequential({ layers: [L.masking({ inputShape: [5, 3], maskValue: 0 }), L.gru({ units: 3, resetAfter: false }), L.dense({ units: 2 })] });

zoo.films = () => tf.sequential({
  layers: [
    L.convLstm2d({ inputShape: [3, 6, 6, 2], filters: 3, kernelSize: 3, padding: 'same', returnSequences: true }), L.convLstm2d({ filters: 2, kernelSize: 2 }),
    L.softmax({ axis: -1 }),
  ],
});

zoo.deeper = () => tf.sequential({
  layers: [
    L.conv3dTranspose({ inputShape: [3, 4, 3, 2], filters: 2, kernelSize: 2, strides: 2, padding: 'same' }), L.maxPooling3d({ poolSize: 2, padding: 'same' }),
    L.flatten(), L.dense({ units: 3, activation: 'tanh' }),
  ],
});

zoo.odd_strides = () => tf.sequential({
  layers: [
    L.conv2dTranspose({ inputShape: [4, 5, 2], filters: 3, kernelSize: [2, 4], strides: [3, 2], padding: 'valid' }),
    L.conv2dTranspose({ filters: 2, kernelSize: 2, strides: 3, padding: 'same' }), L.depthwiseConv2d({ kernelSize: [3, 3], strides: [2, 2], depthMultiplier: 2, padding: 'same' }),
    L.conv2d({ filters: 2, kernelSize: 3, dilationRate: 2, padding: 'same' }), L.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
  ],
});

zoo.separable = () => tf.sequential({ layers: [L.separableConv2d({ inputShape: [6, 6, 3], filters: 2, kernelSize: 3, depthMultiplier: 1 }), L.flatten()] });

zoo.cell_of_one = () => tf.sequential({ layers: [L.rnn({ inputShape: [4, 3], cell: L.gruCell({ units: 3, resetAfter: false }), returnSequences: true }), L.flatten()] });

zoo.dots = () => {
  const a = tf.input({ shape: [4, 3] }), b = tf.input({ shape: [5, 3] });
  const c = L.dot({ axes: [2, 2], normalize: true }).apply([a, b]);
  return tf.model({ inputs: [a, b], outputs: [L.permute({ dims: [2, 1] }).apply(c), L.minimum().apply([a, a])] });
};

function given(one, ints) {
  const shape = one.shape.map((size) => size === null ? 3 : size);
  return ints ? tf.randomUniform(shape, 0, ints).floor() : tf.randomNormal(shape);
}

const plain = (tensor) => ({ shape: tensor.shape, values: Array.from(tensor.dataSync()) });

async function made(out, name) {
  const model = zoo[name]();
  model.setWeights(model.getWeights().map((one) => tf.randomUniform(one.shape, 0.05, 0.6).mul(tf.randomUniform(one.shape).greater(tf.scalar(0.5)).toFloat().mul(2).sub(1))));
  const weights = model.getWeights();
  model.weights.forEach((one, at) => { if (/variance/.test(one.originalName || one.name)) weights[at] = weights[at].abs(); });
  model.setWeights(weights);
  const inputs = model.inputs.map((one) => given(one, zoo[name].ints));
  const outputs = model.predict(inputs.length === 1 ? inputs[0] : inputs);
  const folder = path.join(out, name, 'js');
  fs.mkdirSync(folder, { recursive: true });
  await model.save({
    save: async (saved) => {
      const manifest = [{ paths: ['./weights.bin'], weights: saved.weightSpecs }];
      const stated = { modelTopology: saved.modelTopology, format: saved.format, generatedBy: saved.generatedBy, convertedBy: saved.convertedBy };
      fs.writeFileSync(path.join(folder, 'model.json'), JSON.stringify({ ...stated, weightsManifest: manifest }));
      fs.writeFileSync(path.join(folder, 'weights.bin'), Buffer.from(saved.weightData));
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    },
  });
  if (name === 'teachable') {
    fs.writeFileSync(path.join(folder, 'metadata.json'), JSON.stringify({ tfjsVersion: tf.version.tfjs, labels: ['a', 'b'], imageSize: 16 }));
  }
  const listed = Array.isArray(outputs) ? outputs : [outputs];
  fs.writeFileSync(path.join(out, name, 'expected.json'), JSON.stringify({ x: inputs.map(plain), p: listed.map(plain) }));
}

async function main() {
  await tf.setBackend('cpu');
  for (const name of Object.keys(zoo)) {
    try {
      await made(process.argv[2], name);
    } catch (error) {
      console.log(name, 'not made:', `${error}`.split('\n')[0].slice(0, 200));
    }
  }
}

main();
