// Run by node where @tensorflow/tfjs is installed: `node going_back_node.js JOBS.json`. JOBS.json lists
// {folder, inputs: [{shape, dtype, values}], expected: [{shape, values}]}; a line is printed for each, with the largest difference of what
// the model in the folder predicts by the output's scale, or the error.
const fs = require('fs');
const path = require('path');
const { createRequire } = require('module');

const tf = createRequire(path.join(process.cwd(), 'here.js'))('@tensorflow/tfjs');

function stored(folder) {
  const document = JSON.parse(fs.readFileSync(path.join(folder, 'model.json'), 'utf8'));
  const group = document.weightsManifest[0];
  const data = fs.readFileSync(path.join(folder, group.paths[0]));
  const weightData = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
  return { load: async () => ({ modelTopology: document.modelTopology, weightSpecs: group.weights, weightData }) };
}

function gap(found, expected) {
  const values = found.dataSync();
  if (String(found.shape) !== String(expected.shape)) return Infinity;
  const scale = Math.max(1e-6, ...expected.values.map(Math.abs));
  return Math.max(0, ...expected.values.map((value, at) => Math.abs(value - values[at]) / scale));
}

async function judged(job) {
  const model = await tf.loadLayersModel(stored(job.folder));
  const inputs = job.inputs.map((one) => tf.tensor(one.values, one.shape, one.dtype));
  const outputs = model.predict(inputs.length === 1 ? inputs[0] : inputs);
  const listed = Array.isArray(outputs) ? outputs : [outputs];
  return Math.max(...listed.map((one, at) => gap(one, job.expected[at])));
}

async function main() {
  for (const job of JSON.parse(fs.readFileSync(process.argv[2], 'utf8'))) {
    try {
      console.log(path.basename(job.folder), (await judged(job)).toExponential(1));
    } catch (error) {
      console.log(path.basename(job.folder), `${error}`.split('\n')[0].slice(0, 200));
    }
  }
}

main();
