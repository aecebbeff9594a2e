import { tf } from '@unlabel/core';
import type { GoldenCase, GoldenFile, GoldenMapping } from '@unlabel/testkit';
import { updatedCenter } from './centring';
import { teacherTemperatureOf } from './dino.golden';
import { ibotPatchLoss, ibotTerms } from './ibot';

/** Golden files that pin iBOT: its authors', and the patch losses of DINOv2 and lightly, whose centres differ. */
export const ibotGolden: readonly GoldenMapping[] = [
  {
    name: 'ibotPatchLoss, centre of all patches',
    matches: (file) => isPatchLoss(file) && file.source.repo !== 'lightly-ai/lightly',
    run: (golden) => {
      const loss = patchLossOf(golden);
      return {
        loss,
        loss_forward_masked: loss,
        center_after: centerOf(golden, 'teacher', golden.number('center_momentum', 0.9)),
      };
    },
  },
  {
    name: 'ibotPatchLoss, centre of masked patches',
    matches: isPatchLoss,
    run: (golden) => {
      const rowWeights: tf.Tensor1D = tf.reshape(tf.cast(golden.tensor('mask'), 'float32'), [-1]);
      const momentum = golden.number('center_momentum', 0.9);
      return { loss: patchLossOf(golden), center_after: centerOf(golden, 'teacher', momentum, rowWeights) };
    },
  },
  {
    name: 'ibotTerms',
    matches: ({ source, inputs }) => /^ibotLoss$/i.test(source.function ?? '') && 'student_cls' in inputs,
    run: (golden) => {
      const globals = golden.number('ngcrops', 2);
      const locals = golden.has('student_local')
        ? tf.split<tf.Tensor2D>(golden.matrix('student_local'), golden.number('nlcrops'))
        : [];
      const student = {
        cls: [...tf.split<tf.Tensor2D>(golden.matrix('student_cls'), globals), ...locals],
        patches: patchesOf(golden, 'student_patch'),
      };
      const teacher = {
        cls: tf.split<tf.Tensor2D>(golden.matrix('teacher_cls'), globals),
        patches: patchesOf(golden, 'teacher_patch'),
      };
      const center = tf.zeros([1, student.patches.shape[2]]);
      const { cls, patches } = ibotTerms(
        student,
        teacher,
        tf.concat2d(golden.matrices('mask'), 0),
        { cls: center, patches: center },
        {
          studentTemperature: golden.number('student_temp', 0.1),
          teacherTemperature: teacherTemperatureOf(golden),
        },
      );
      return {
        loss: tf.add(cls, patches),
        cls,
        patch: patches,
        center_cls: centerOf(golden, 'teacher_cls', golden.number('center_momentum', 0.9)),
        center_patch: centerOf(golden, 'teacher_patch', golden.number('center_momentum2', 0.9)),
      };
    },
  },
];

function isPatchLoss({ source, inputs }: GoldenFile): boolean {
  return /^ibotPatchLoss\b/i.test(source.function ?? '') && 'mask' in inputs;
}

function patchLossOf(golden: GoldenCase): tf.Scalar {
  const student = patchesOf(golden, 'student');
  const center = tf.fill([1, student.shape[2]], golden.number('center_init', 0));
  return ibotPatchLoss(student, patchesOf(golden, 'teacher'), golden.matrix('mask'), center, {
    studentTemperature: golden.number('student_temp', 0.1),
    teacherTemperature: golden.number('teacher_temp'),
  });
}

function patchesOf(golden: GoldenCase, input: string): tf.Tensor3D {
  const [images = 1, tokens = 1] = golden.tensor(input).shape;
  return tf.reshape(golden.tensor(input), [images, tokens, -1]);
}

/** The next centre, from a first one of `center_init`, or 0. */
function centerOf(golden: GoldenCase, input: string, momentum: number, rowWeights?: tf.Tensor1D): tf.Tensor2D {
  const count = golden.tensor(input).shape.at(-1) ?? 0;
  const center = tf.fill([1, count], golden.number('center_init', 0));
  const rows: tf.Tensor2D = tf.reshape(golden.tensor(input), [-1, count]);
  return updatedCenter(center, rows, { momentum, ...(rowWeights && { rowWeights }) });
}
