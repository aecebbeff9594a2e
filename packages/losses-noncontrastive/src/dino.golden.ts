import { sinkhorn, tf } from '@unlabel/core';
import type { GoldenCase, GoldenMapping } from '@unlabel/testkit';
import { teacherTargets, updatedCenter } from './centring';
import { crossEntropy, dinoLoss } from './dino';
import { warmedTemperature } from './selfDistillation';

/** Golden files that pin DINO: its authors', two steps that share a centre, DINOv2's class, and codes of Sinkhorn–Knopp. */
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
    matches: ({ source, inputs }) =>
      /sinkhorn/i.test(source.function ?? '') && ('teacher_output' in inputs || 'scores' in inputs),
    run: (golden) => ({
      q: sinkhorn(golden.matrix(golden.has('scores') ? 'scores' : 'teacher_output'), {
        epsilon: golden.number('teacher_temp', golden.number('epsilon', 0.05)),
        iterations: golden.number('n_iterations', golden.number('iterations', 3)),
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
  const globals = golden.number('n_global', 2);
  const crops = (student.shape[0] / teacher.shape[0]) * globals;
  const temperatures = { studentTemperature, teacherTemperature };
  return dinoLoss(tf.split(student, crops), tf.split(teacher, globals), center, temperatures);
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
