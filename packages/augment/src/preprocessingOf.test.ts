import { expect, test } from 'vitest';
import { evaluationView } from './evaluationView';
import { preprocessingOf } from './preprocessingOf';

test.each([
  { channels: 1, mean: [0.286], std: [0.353] },
  { channels: 3, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
] as const)('reads $mean and $std off a view of $channels channels', ({ channels, mean, std }) => {
  const normalise = { mean: [...mean], std: [...std] };
  expect(preprocessingOf(evaluationView({ size: 8, channels, normalise }))).toEqual(normalise);
});
