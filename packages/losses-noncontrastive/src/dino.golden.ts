import { sinkhorn, tf } from '@unlabel/core';
import type { GoldenCase, GoldenMapping } from '@unlabel/testkit';
import { crossEntropy, dinoLoss, teacherTargets, updatedCenter } from './dino';
import { warmedTemperature } from './selfDistillation';

/** Golden files that pin DINO: its authors', two steps that share a centre, and DINOv2's class and Sinkhorn codes. */
export const dinoGolden: readonly GoldenMapping[] = [
  {
    name: 'dinoLoss and its centre over steps',
    matches: ({ source, inputs }) =>
      /^DINOLoss\b/.test(source.function ?? '') && 'student.0' in inputs && 'center' in inputs,
    run: (golden) => {
      const teacherTemperature = teacherTemperatureOf(golden);
      const losses: tf.Scalar[] = [];
      const centers = [golden.matrix('center')];
      for (const [step, s] of golden.matrices('student').entries()) {
        const [student, teacher] = [s, golden.matrix(`teacher.${step}`)];
        const center = centers[step] ?? tf.zeros([1, s.shape[1]]);
        losses.push(dinoLossOf(golden, { student, teacher, center, teacherTemperature }));
        centers.push(updatedCenter(center, teacher, { momentum: golden.number('center_momentum', 0.9) }));
      }
      const after = centers.slice(1).map((center, step) => [`center_after_${step + 1}`, center] as const);
      const results = { loss: tf.addN(losses), step_losses: tf.stack(losses), teacher_temp_used: teacherTemperature };
      return { ...results, ...Object.fromEntries(after) };
    },
  },
  {
    name: 'dinoLoss',
    matches: ({ source, inputs }) => /^DINOLoss\b/.test(source.function ?? '') && 'student' in inputs,
    run: (golden) => {
      const [student, teacher] = [golden.matrix('student'), golden.matrix('teacher')];
      const center = golden.has('center') ? golden.matrix('center') : tf.zeros([1, student.shape[1]]);
      return {
        loss: dinoLossOf(golden, { student, teacher, center, teacherTemperature: teacherTemperatureOf(golden) }),
      };
    },
  },
  {
    name: 'crossEntropy of all pairs, added up',
    matches: ({ source, inputs }) => /^DINOLoss\b/.test(source.function ?? '') && 'student.0' in inputs,
    run: (golden) => {
      const [student, teacher] = [golden.matrices('student'), golden.matrices('teacher')];
      const center = tf.fill([1, student[0]?.shape[1] ?? 0], golden.number('center_init', 0));
      const targets = teacher.map((t) => teacherTargets(t, center, golden.number('teacher_temp')));
      const pairs = targets.flatMap((target) =>
        student.map((s) => tf.mean(crossEntropy(target, tf.div(s, golden.number('student_temp', 0.1))))),
      );
      const momentum = golden.number('center_momentum', 0.9);
      return { loss: tf.addN(pairs), center_after: updatedCenter(center, tf.concat2d(teacher, 0), { momentum }) };
    },
  },
  {
    name: 'sinkhorn',
    matches: ({ source, inputs }) => /sinkhorn/i.test(source.function ?? '') && 'teacher_output' in inputs,
    run: (golden) => ({
      q: sinkhorn(golden.matrix('teacher_output'), {
        epsilon: golden.number('teacher_temp'),
        iterations: golden.number('n_iterations', 3),
      }),
    }),
  },
];

/** Rows of all crops below each other, as the authors' code has them. */
interface CropMajor {
  readonly student: tf.Tensor2D;
  readonly teacher: tf.Tensor2D;
  readonly center: tf.Tensor;
  readonly teacherTemperature: number;
}

function dinoLossOf(golden: GoldenCase, { student, teacher, center, teacherTemperature }: CropMajor): tf.Scalar {
  const studentTemperature = golden.number('student_temp', 0.1);
  return dinoLoss(
    tf.split(student, golden.number('n_crops', 2)),
    tf.split(teacher, golden.number('n_global', 2)),
    center,
    { studentTemperature, teacherTemperature },
  );
}

/** τ_t of the epoch that the file is about, or at the end of warm-up. */
export function teacherTemperatureOf(golden: GoldenCase): number {
  const end = golden.number('teacher_temp');
  const epochs = golden.number('warmup_teacher_temp_epochs', 0);
  return warmedTemperature(golden.number('epoch', epochs), {
    start: golden.number('warmup_teacher_temp', end),
    end,
    epochs,
  });
}
