// Generated from torchenstein/protocol.json: change that file, then run `jlpm protocol`.

/**
 * What the inspector in the kernel answers to the page. The page evaluates one expression, reply(kind, **options), in a silent request and finds exactly one of these under application/json.
 */
export type InspectorReply =
  Snapshot | TensorDetail | Lines | Explanation | Cautions | Exploration | Flow | Live | Failure;
/**
 * A number. The three that JSON lacks come in JavaScript's spelling, so that Number(real) gives every one.
 */
export type Real = number | ('NaN' | 'Infinity' | '-Infinity');
/**
 * The name it can be switched off by.
 */
export type CautionKind = 'broadcast' | 'integer' | 'alias' | 'logits' | 'nonfinite' | 'gradient' | 'device';

/**
 * The live tensors of the user's namespace. Metadata only: no element was read.
 */
export interface Snapshot {
  kind: 'snapshot';
  version: 1;
  /**
   * Version of torch in the kernel; null while nothing has imported it.
   */
  torch: string | null;
  /**
   * One sentence for the reader where there is something to say (no torch yet, no tensors yet, more than can be listed).
   */
  message: string | null;
  /**
   * Plain names first, then the members of each group; both in the order in which the names were made.
   */
  tensors: TensorSummary[];
  /**
   * The containers and modules that hold the tensors whose `group` is set, in the same order.
   */
  groups: TensorGroup[];
  /**
   * Tensors found, listed or not; one tensor under two names counts twice.
   */
  found: number;
  /**
   * Of those found, how many the list leaves out.
   */
  omitted: number;
  /**
   * False where something was too large to be walked to its end or could not be read: then found and storage_bytes are lower bounds.
   */
  complete: boolean;
  /**
   * Memory of all tensors found, in bytes; memory that several tensors share counts once.
   */
  storage_bytes: number;
  /**
   * The same memory by device.
   */
  devices: DeviceMemory[];
}
/**
 * What is known of a tensor without reading its elements. A field is null where the tensor has no such thing or will not say.
 */
export interface TensorSummary {
  /**
   * The name to ask the detail by: q, batch[0], cache['k'], model.0.weight.
   */
  name: string;
  /**
   * Name of the group that holds it; null for a name of its own.
   */
  group: string | null;
  /**
   * Its class: Tensor, Parameter, FakeTensor, a subclass.
   */
  type: string;
  /**
   * Sizes; null inside stands for a ragged or symbolic size.
   */
  shape: (number | null)[] | null;
  /**
   * Without the prefix: float32, int64, bool.
   */
  dtype: string | null;
  device: string | null;
  /**
   * strided, sparse_coo, sparse_csr, jagged and so on.
   */
  layout: string | null;
  requires_grad: boolean | null;
  /**
   * Whether a leaf that requires grad has one yet: none or set. Null for every other tensor, and while a cell runs.
   */
  grad: 'none' | 'set' | null;
  is_leaf: boolean | null;
  is_parameter: boolean;
  /**
   * Of the elements it shows: number of elements times element size.
   */
  bytes: number | null;
  /**
   * Of the memory it keeps alive, the part it does not show included; 0 where nothing is allocated (meta, fake).
   */
  storage_bytes: number | null;
  contiguous: boolean | null;
  /**
   * In elements; null inside stands for a symbolic one.
   */
  stride: (number | null)[] | null;
  /**
   * In elements.
   */
  storage_offset: number | null;
  /**
   * How often it was changed in place; null for inference tensors.
   */
  version: number | null;
  /**
   * owns: no other tensor named before it owns its memory. view: shows memory of another tensor, view_of, or of one without a name where view_of is null. same object: a second name for view_of. unknown: its storage cannot be seen.
   */
  relation: 'owns' | 'view' | 'same object' | 'unknown';
  /**
   * Name of the tensor that owns the memory.
   */
  view_of: string | null;
}
/**
 * A list, tuple, dict or nn.Module of the namespace that holds tensors.
 */
export interface TensorGroup {
  /**
   * The user's name of the container.
   */
  name: string;
  type: 'module' | 'list' | 'tuple' | 'dict';
  /**
   * Tensors found in it.
   */
  found: number;
  /**
   * Of those, how many the list of the snapshot leaves out.
   */
  omitted: number;
}
export interface DeviceMemory {
  /**
   * For example cpu or cuda:0.
   */
  device: string;
  bytes: number;
}
/**
 * One tensor, its elements read: everything, or a sample where it is large.
 */
export interface TensorDetail {
  kind: 'detail';
  version: 1;
  summary: TensorSummary;
  /**
   * Elements that statistics and histogram are made from.
   */
  read: number;
  /**
   * True where these are fewer than the tensor has.
   */
  sampled: boolean;
  statistics: Statistics | null;
  histogram: Histogram | null;
  heatmap: Heatmap | null;
  /**
   * The first elements in row-major order, as text.
   */
  values: string[];
  /**
   * True where `values` holds every element.
   */
  values_complete: boolean;
  /**
   * What is shown and what is not, as sentences for the reader: sampling, magnitudes of complex numbers, why there are no values.
   */
  notes: string[];
}
/**
 * Of the elements read. mean, std, min and max are of the finite ones, null where there are none; bool counts as 0 and 1, a complex number as its magnitude.
 */
export interface Statistics {
  mean: Real | null;
  /**
   * With n - 1, as torch.std; null below two elements.
   */
  std: Real | null;
  min: Real | null;
  max: Real | null;
  nan: number;
  /**
   * Of both signs.
   */
  inf: number;
  zeros: number;
}
/**
 * counts[i] finite elements lie in [edges[i], edges[i + 1]); the last bin includes its right edge.
 */
export interface Histogram {
  /**
   * One more than counts, ascending.
   */
  edges: number[];
  counts: number[];
}
/**
 * A 2-D view of the last two dimensions, at the index of the others.
 */
export interface Heatmap {
  /**
   * Row by row.
   */
  cells: Real[][];
  /**
   * Size of the whole dimension, of which cells shows every row_step-th.
   */
  rows: number;
  /**
   * Size of the whole dimension, of which cells shows every column_step-th.
   */
  columns: number;
  /**
   * Dimension of the tensor that runs down; null where there is only one.
   */
  row_dim: number | null;
  /**
   * Dimension of the tensor that runs across; null for a 0-d tensor.
   */
  column_dim: number | null;
  row_step: number;
  column_step: number;
  /**
   * Where the leading dimensions stand, one number each.
   */
  index: number[];
  /**
   * Sizes of the leading dimensions.
   */
  leading: number[];
  /**
   * Smallest finite cell, for the colour scale; null where there is none.
   */
  min: number | null;
  /**
   * Largest finite cell.
   */
  max: number | null;
  /**
   * What is shown, as a sentence: `[3, :, :], every 4th row`.
   */
  note: string;
}
/**
 * Shapes of what each line of the cells made or changed, as last seen. Metadata only: no element was read.
 */
export interface Lines {
  kind: 'lines';
  version: 1;
  /**
   * Whether the cells are watched; where not, there are none below.
   */
  watching: boolean;
  /**
   * To be asked with next time as since. Starts over with 0 when watching starts.
   */
  revision: number;
  /**
   * One sentence for the reader where the recorder itself has failed; null else.
   */
  problem: string | null;
  /**
   * Those with news after the revision asked for, the cell that ran last at the end.
   */
  cells: CellLines[];
}
/**
 * The last run of one cell. Its functions may go on adding news when other cells call them.
 */
export interface CellLines {
  /**
   * As the front end sent it with the request; null where it sent none.
   */
  cell_id: string | null;
  execution_count: number | null;
  revision: number;
  /**
   * In the order of the source; of one line in the order in which it was first seen.
   */
  lines: LineShape[];
}
/**
 * One tensor of one line.
 */
export interface LineShape {
  /**
   * Of the cell's text as it ran, from 0: the first line of the statement.
   */
  line: number;
  /**
   * x, self.h, cache['k']; null for a value without a name.
   */
  name: string | null;
  /**
   * assigned: the line bound it or changed it in place. parameter: the function got it as this argument. returned: the function gave it back. shown: the cell displays it.
   */
  role: 'assigned' | 'parameter' | 'returned' | 'shown';
  /**
   * Sizes when last seen; null inside stands for a symbolic size, null as a whole for a parameter whose shape the first forward pass will decide.
   */
  shape: (number | null)[] | null;
  /**
   * A name or null for each dimension, from comments, annotations, docstrings and einsum or einops patterns; null where nothing is known.
   */
  dims: (string | null)[] | null;
  /**
   * Without the prefix: float32, int64, bool.
   */
  dtype: string | null;
  device: string | null;
  /**
   * Different shapes seen. Every one of a line's first runs in a cell is looked at, later ones now and then: there may have been more.
   */
  seen: number;
}
/**
 * Why the last run failed, where it was an operation on tensors, and what would make it work. Nothing was run again.
 */
export interface Explanation {
  kind: 'explanation';
  version: 1;
  /**
   * The class of the exception.
   */
  error: string;
  /**
   * What the exception says.
   */
  message: string;
  /**
   * matmul, broadcast, cat, view and so on.
   */
  family: string;
  /**
   * The plain sentence, for the reader.
   */
  summary: string;
  /**
   * The failing part of the line, as it is written.
   */
  expression: string;
  place: Place;
  /**
   * The function that holds the line; null outside of functions.
   */
  function: string | null;
  layer: Layer | null;
  operands: Operand[];
  clash: Clash | null;
  fixes: Fix[];
  /**
   * The clash as lines of text; null where there is nothing to draw.
   */
  drawing: string | null;
  /**
   * All of it as text.
   */
  text: string;
}
/**
 * A stretch of source: lines from 1, columns in characters from 0, the end exclusive.
 */
export interface Place {
  filename: string;
  /**
   * The execution count of the cell; null for other files.
   */
  cell: number | null;
  line: number;
  column: number;
  end_line: number;
  end_column: number;
}
export interface Layer {
  /**
   * As the learner would write it.
   */
  path: string;
  /**
   * Its class.
   */
  type: string;
}
/**
 * What went into the failing operation. Facts are null where they cannot be known without running the learner's code.
 */
export interface Operand {
  /**
   * As it is written.
   */
  text: string;
  /**
   * tensor, weight, index, target, shape (a requested one) or equation.
   */
  role: string;
  shape: number[] | null;
  dtype: string | null;
  device: string | null;
  /**
   * One entry for each dimension.
   */
  names: (string | null)[] | null;
}
export interface Clash {
  /**
   * inner: the contracted sizes of a product. batch: its leading sizes. rank: the number of dimensions. broadcast, expand, in place: sizes compared from the right. equal: sizes that must be the same. count: the number of elements. features, channels: what the layer was made for. kernel: a window larger than its input. batch size: too few samples. index, classes: out of bounds. dim: a dimension by number. dtype, device: kinds and places, no dimensions. scalar: many elements where one is wanted. letter: of einsum.
   */
  rule:
    | 'inner'
    | 'batch'
    | 'rank'
    | 'broadcast'
    | 'expand'
    | 'in place'
    | 'equal'
    | 'count'
    | 'features'
    | 'channels'
    | 'kernel'
    | 'batch size'
    | 'index'
    | 'classes'
    | 'dim'
    | 'dtype'
    | 'device'
    | 'scalar'
    | 'letter';
  sentence: string;
  dimensions: ClashingDimension[];
}
export interface ClashingDimension {
  /**
   * Which of the operands, from 0.
   */
  operand: number;
  axis: number;
}
export interface Fix {
  sentence: string;
  /**
   * What to write.
   */
  code: string;
  /**
   * What the code replaces; null where that is not known.
   */
  place: Place | null;
}
/**
 * Cells that ran, and what did not fail in them and still looks wrong. Nothing was run again.
 */
export interface Cautions {
  kind: 'cautions';
  version: 1;
  /**
   * False while nobody wants warnings: then there are no cells.
   */
  watching: boolean;
  /**
   * To ask with next time.
   */
  revision: number;
  /**
   * One sentence where something of ours failed; null otherwise.
   */
  problem: string | null;
  /**
   * Those with news; a cell without cautions takes back what was told of it before.
   */
  cells: CellCautions[];
}
export interface CellCautions {
  cell_id: string | null;
  execution_count: number | null;
  /**
   * In the order of the lines.
   */
  cautions: Caution[];
}
/**
 * Something that did not fail and still looks wrong.
 */
export interface Caution {
  kind: CautionKind;
  /**
   * Of the kind.
   */
  title: string;
  /**
   * The kind in a sentence.
   */
  about: string;
  /**
   * What happened, in the learner's own names.
   */
  sentence: string;
  /**
   * The part of the line it speaks of, as it is written.
   */
  expression: string;
  spot: Spot;
  operands: Operand[];
  /**
   * The shape that came of the operands, where that is the point.
   */
  result: number[] | null;
  remedies: Remedy[];
  /**
   * All of it as text.
   */
  text: string;
}
/**
 * A stretch of the cell as it was run: lines and columns (in characters) from 0, the end exclusive.
 */
export interface Spot {
  line: number;
  column: number;
  end_line: number;
  end_column: number;
}
export interface Remedy {
  sentence: string;
  /**
   * What could stand in the place of the expression; null where words must do.
   */
  code: string | null;
}
/**
 * An operation drawn on tensors of the notebook. Elements are read by the explorer attention alone.
 */
export interface Exploration {
  kind: 'exploration';
  version: 1;
  explorer: 'strides' | 'attention' | 'autograd' | 'broadcast' | 'matmul' | 'einsum' | 'conv';
  /**
   * Of the tensors, as asked for.
   */
  names: string[];
  title: string;
  /**
   * A fragment with its own style and without any script.
   */
  html: string;
  /**
   * The same as text.
   */
  text: string;
}
/**
 * The shape flow of the cell that was traced last: its run as a graph.
 */
export interface Flow {
  kind: 'flow';
  version: 1;
  /**
   * none: no cell was traced or is to be. waiting: the next run of the cell will be traced. tracing: it runs. done: it has run.
   */
  state: 'none' | 'waiting' | 'tracing' | 'done';
  /**
   * To be asked with next time as since.
   */
  revision: number;
  /**
   * The cell waited for or traced.
   */
  cell_id: string | null;
  /**
   * One sentence for the reader where there is no trace, or not all of it.
   */
  problem: string | null;
  /**
   * null where there is none, or none newer than since.
   */
  graph: FlowGraph | null;
}
export interface FlowGraph {
  cell_id: string;
  execution_count: number | null;
  /**
   * What ended the run; null where it came to its end.
   */
  error: string | null;
  /**
   * Operations that ran, each counted as often as it ran.
   */
  operations: number;
  /**
   * Nodes and edges left out, since there were too many.
   */
  omitted: number;
  /**
   * In the order of their first calls: a parent comes before its children.
   */
  modules: FlowModule[];
  /**
   * In the order in which they first ran.
   */
  nodes: FlowNode[];
  edges: FlowEdge[];
  places: FlowPlace[];
}
/**
 * A module, as it was called from one line.
 */
export interface FlowModule {
  /**
   * Number of the module that called it; null for the cell.
   */
  parent: number | null;
  /**
   * Its path in the parent, h.0; at the top the learner's variable; null where it has none.
   */
  name: string | null;
  /**
   * Its class.
   */
  type: string;
  /**
   * Number of the place that called it.
   */
  place: number | null;
  calls: number;
  /**
   * Numbers in its parameters, those of its parts included, each counted once.
   */
  parameters: number;
  /**
   * Of those, the ones that require a gradient.
   */
  trainable: number;
}
export interface FlowNode {
  /**
   * Number of the module it belongs to; null for the cell.
   */
  module: number | null;
  /**
   * operation: a function of torch. module: a whole module whose operations are not seen. input: a tensor from before the run, or from elsewhere. parameter: such a tensor that learns. output: a tensor that the run left in a variable. backward: a backward pass. step: of an optimizer.
   */
  kind: 'operation' | 'module' | 'input' | 'parameter' | 'output' | 'backward' | 'step';
  /**
   * matmul, or the variable of a tensor; empty for a tensor without a name.
   */
  name: string;
  /**
   * Number of the place.
   */
  place: number | null;
  /**
   * How often it ran.
   */
  count: number;
  /**
   * The tensors it gave back.
   */
  made: FlowTensor[];
  /**
   * Whether it ran with many shapes, of which the last is told.
   */
  varies: boolean;
  /**
   * Parameters and buffers of its module that it took.
   */
  weights: FlowWeight[];
  /**
   * Variables that hold what it made, after the run.
   */
  names: string[];
  /**
   * What autograd keeps for the way back: AddmmBackward0. null where no gradient will pass.
   */
  grad_fn: string | null;
  /**
   * Whether its error ended the run.
   */
  failed: boolean;
  error: string | null;
}
export interface FlowTensor {
  /**
   * null for a ragged one; null inside for a symbolic size.
   */
  shape: (number | null)[] | null;
  /**
   * A name or null for each dimension, as the chips have them; null where nothing is known.
   */
  dims: (string | null)[] | null;
  dtype: string;
  device: string;
}
export interface FlowWeight {
  /**
   * weight, bias.
   */
  name: string;
  shape: (number | null)[] | null;
  /**
   * A name or null for each dimension, as the chips have them; null where nothing is known.
   */
  dims: (string | null)[] | null;
  dtype: string;
  device: string;
}
/**
 * A tensor from one node to another. Where target is not after source, it came from an earlier round of a loop.
 */
export interface FlowEdge {
  source: number;
  target: number;
  shape: (number | null)[] | null;
  /**
   * A name or null for each dimension, as the chips have them; null where nothing is known.
   */
  dims: (string | null)[] | null;
  /**
   * null where no tensor passes, only one thing comes after the other: backward, then step.
   */
  dtype: string | null;
  /**
   * Whether a gradient passes the other way in a backward pass.
   */
  grad: boolean;
}
/**
 * A Place and what stands there.
 */
export interface FlowPlace {
  filename: string;
  /**
   * The execution count of the cell; null for other files.
   */
  cell: number | null;
  line: number;
  column: number;
  end_line: number;
  end_column: number;
  /**
   * On one line, cut where it is long.
   */
  text: string;
}
/**
 * What a cell that runs shows of itself, or showed in its last run. Of tensors only those of one element on the CPU were read, and small gradients where asked for.
 */
export interface Live {
  kind: 'live';
  version: 1;
  /**
   * Counts the runs since the kernel first answered; 0 before the first.
   */
  run: number;
  execution_count: number | null;
  running: boolean;
  /**
   * How long the run has lasted, or lasted in all.
   */
  seconds: number;
  /**
   * Samples taken of this run; to be asked with next time as since.
   */
  sample: number;
  curves: LiveCurve[];
  /**
   * Loss-like tensors on an accelerator: reading them would make the loop wait.
   */
  unread: UnreadScalar[];
  /**
   * Parameters whose gradient is too large to be read while the loop runs, or not on the CPU.
   */
  gradients_left_out: number;
  /**
   * Id of a subshell that is there already for these questions; null for none.
   */
  subshell: string | null;
}
/**
 * One number over the run: its points after the sample asked for, thinned out where there were many, the last one always.
 */
export interface LiveCurve {
  /**
   * The learner's name for it, or that of the device whose memory it is.
   */
  name: string;
  /**
   * The function that it is local to; null for a name of the notebook.
   */
  scope: string | null;
  /**
   * loss, score: by their names. other: a float that changed. gradient: the 2-norm of a parameter's. memory: in bytes.
   */
  group: 'loss' | 'score' | 'other' | 'gradient' | 'memory';
  /**
   * Seconds since the run began, ascending.
   */
  times: number[];
  /**
   * One for each time.
   */
  values: Real[];
}
export interface UnreadScalar {
  name: string;
  device: string;
}
/**
 * Why there is no answer. The kernel is unharmed.
 */
export interface Failure {
  kind: 'failure';
  version: 1;
  /**
   * gone: the name holds no tensor any more. no namespace: there is no IPython here. nothing failed: no cell has raised an error yet. no explanation: the last error is none of those we explain. bad request: kind or options are not of this protocol. cannot be drawn: the explorer has no drawing of this tensor. error: the inspector failed.
   */
  reason: 'gone' | 'no namespace' | 'nothing failed' | 'no explanation' | 'bad request' | 'cannot be drawn' | 'error';
  /**
   * One sentence for the reader.
   */
  message: string;
}
