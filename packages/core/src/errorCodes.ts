/** What an error code stands for, in general; the error's own message has the names and numbers. */
export interface ErrorCodeMeaning {
  /** What happened, as a sentence. */ readonly what: string;
  /** The next action, as a sentence. */ readonly fix: string;
}

/** Every code that an `UnlabelError` can carry, in the order of the alphabet. `docs/errors.md` is this, as a table. */
export const errorCodes = {
  ABORTED: {
    what: 'Work was asked for or going on when its session, step or loader was disposed of, or its signal ended it.',
    fix: 'Dispose after the last result has come, or expect this error where you end things early.',
  },
  BACKEND_UNAVAILABLE: {
    what: 'A backend does not work on this machine, or lacks an op that the step needs.',
    fix: 'Follow the message, or choose another; `unlabel doctor` says which work here and how to get the others.',
  },
  BATCH_TOO_LARGE: {
    what: 'A batch has more samples than the data set, or features do not fit in memory.',
    fix: 'Lower the batch size, or measure on a subset.',
  },
  BATCH_TOO_SMALL: {
    what: 'A loss, batch norm or a metric needs more rows than it was given.',
    fix: 'Raise the batch size; drop the last batch of an epoch if that is the one.',
  },
  CAPTURE_UNDECLARED_TENSOR: {
    what: 'A step that is captured uses a tensor that it neither made nor was given.',
    fix: 'Pass it through the state or the inputs of the step, or make it inside.',
  },
  CAPTURE_UNSUPPORTED_OP: {
    what: 'A step or encoder uses an op, or an attribute of one, that has no counterpart in the graph.',
    fix: 'Write it with other ops as the message says, or run the step on an eager backend.',
  },
  CAPTURE_VALUE_READ: {
    what: 'A step reads values of tensors while it is captured, when there are none yet.',
    fix: 'Return the tensor as an output of the step and read it there.',
  },
  CHECKPOINT_CORRUPT: {
    what: 'No checkpoint of the run is whole.',
    fix: 'Start the run again in another folder.',
  },
  CHECKPOINT_NOT_FOUND: {
    what: 'A run is to be resumed that has no checkpoint.',
    fix: 'Start it without resuming, or name the folder of another run.',
  },
  CHECKPOINT_WRITE_FAILED: {
    what: 'A checkpoint could not be written, most often for want of space.',
    fix: 'Make room and resume; the checkpoint before is whole.',
  },
  CONFIG_INVALID: {
    what: 'A config, or a change to one on the command line, cannot be read or does not fit the schema.',
    fix: 'Mend the line that the message names; `unlabel schema` prints every key.',
  },
  CONTRACT_UNSUPPORTED: {
    what: 'A plugin was written for another version of the plugin contract.',
    fix: 'Upgrade the plugin or `@unlabel/core`, whichever is older.',
  },
  DATASET_CORRUPT: {
    what: 'A file of a data set is not what its format says.',
    fix: 'Fetch the file again.',
  },
  DATASET_EMPTY: {
    what: 'A data set, or the part of one that was asked for, has no samples that can be used.',
    fix: 'Check the path and the range.',
  },
  DATASET_NOT_FOUND: {
    what: 'A file or folder of a data set does not exist or cannot be read.',
    fix: 'Check the path; fetch what the message names.',
  },
  DATASET_TOO_LARGE: {
    what: 'A data set that is held in memory would exceed its bound.',
    fix: 'Raise `maxBytes`, take fewer samples, or store them in a format that is read piece by piece.',
  },
  DEVICE_FAULT: {
    what: 'The GPU refused a command or a shader; what it computed since is wrong.',
    fix: 'Resume from the last checkpoint, on another backend if it happens again, and report the message.',
  },
  DEVICE_LOST: {
    what: 'The GPU went away while it was in use: its driver restarted, the machine slept, or somebody destroyed the device.',
    fix: 'Open the backend again and resume from the last checkpoint, which is whole.',
  },
  DEVICE_OUT_OF_MEMORY: {
    what: 'The GPU has no memory left for a tensor.',
    fix: 'Lower the batch size or take a smaller model, and resume from the last checkpoint.',
  },
  DUPLICATE_NAME: {
    what: 'Two definitions of plugins, two random draws of a step, or two entries of metadata have one name.',
    fix: 'Rename one of them, or leave one out.',
  },
  FEATURES_DEGENERATE: {
    what: 'Features vary along too few directions for a measure: they have collapsed, or there are too few samples.',
    fix: 'Measure more samples; see what `collapseVerdict` says of the features.',
  },
  FEATURES_NOT_FINITE: {
    what: 'Features to be evaluated hold NaN or infinity.',
    fix: 'Check the encoder’s weights and the inputs; such features have no accuracy.',
  },
  INVALID_OPTION: {
    what: 'An option or argument is outside its range, or of the wrong kind.',
    fix: 'Give what the message asks for.',
  },
  LABELS_MISMATCH: {
    what: 'Labels do not fit: another number than samples, classes that are not known, or two sets with different classes.',
    fix: 'Give the labels of these very samples.',
  },
  LABELS_MISSING: {
    what: 'An evaluation, or an objective that learns from labels, needs labels that the data set has not.',
    fix: 'Give labelled data, or choose measures and objectives that need none.',
  },
  MODEL_TOO_LARGE: {
    what: 'The graph of a step or an encoder would exceed the 2 GB that an ONNX file may have.',
    fix: 'Make the model smaller, or take the large constant that the message names out of the step.',
  },
  NON_FINITE_LOSS: {
    what: 'The loss, or state after a step, is NaN or infinite. The run stops; nothing of it was saved.',
    fix: 'Lower the learning rate, clip gradients or check the data, and resume from the last checkpoint.',
  },
  PEER_MISSING: {
    what: 'An optional package is needed that is not installed.',
    fix: 'Install it with the command in the message.',
  },
  PLUGIN_INVALID: {
    what: 'A plugin fails while it is imported, or does not export what it should.',
    fix: 'Export `plugin`, made by `definePlugin`; its author finds the rules in the guide to plugins.',
  },
  PLUGIN_NOT_FOUND: {
    what: 'A config names a plugin that is not installed.',
    fix: 'Install it in the project’s folder, or mend its name.',
  },
  RESUME_MISMATCH: {
    what: 'A run is to be resumed with other data, model, objective or schedule than it was started with.',
    fix: 'Resume with the saved configuration, or start anew in another folder.',
  },
  RUN_FOLDER_INVALID: {
    what: 'A folder holds another run, is no run’s folder, or cannot be written to.',
    fix: 'Name another folder, or resume the run that is there.',
  },
  SAMPLE_EMPTY: {
    what: 'A text has no words, or a recording no steps, to make views of.',
    fix: 'Leave such samples out of the data set.',
  },
  SAMPLE_UNREADABLE: {
    what: 'An image, recording, line or row of a data set could not be decoded. Loaders skip, count and name such samples.',
    fix: 'Mend or remove what the message names.',
  },
  SHAPE_MISMATCH: {
    what: 'A tensor has another shape or element type than is needed.',
    fix: 'Compare the two shapes in the message; views must fit the encoder, and state keeps its shape.',
  },
  SPLITS_OVERLAP: {
    what: 'Rows that a measure is tested on are among those that it learns from.',
    fix: 'Split the samples anew, or give `allowOverlap: true` where equal rows are no mistake.',
  },
  TOKENIZER_INVALID: {
    what: 'The file of a tokenizer cannot be read, is not of its format, or has changed since a run began.',
    fix: 'Give the `tokenizer.json` of a model, the same one as before when a run goes on.',
  },
  TOO_MANY_UNREADABLE: {
    what: 'More samples than `maxUnreadableShare` allows could not be read.',
    fix: 'Mend or remove them, or raise that share.',
  },
  UNKNOWN_NAME: {
    what: 'Nothing of that kind has the name.',
    fix: 'Choose one of those in the message; `unlabel list` prints all.',
  },
  VARIABLE_MISSING: {
    what: 'State or weights lack a tensor that the step or encoder needs, or belong to another session.',
    fix: 'Give it under the name in the message, with state of the session that compiled the step.',
  },
  WEIGHTS_INVALID: {
    what: 'A file of weights is not whole, or not of its format.',
    fix: 'Fetch or export the file again.',
  },
  WORKER_FAILED: {
    what: 'A worker thread did not start, or ended with what it held.',
    fix: 'Resume from the last checkpoint; with bundlers, keep the files of workers beside the bundle.',
  },
} as const satisfies Readonly<Record<string, ErrorCodeMeaning>>;
