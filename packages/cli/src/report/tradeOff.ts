import type { ReportData, TradeOffPoint } from '@unlabel/eval';
import { figureTitle } from '../study/studyResults';

/** Quality against the share of dimensions in use, in percent, of runs or settings; no figure without points. */
export function qualityAgainstCollapse(
  quality: string,
  points: readonly TradeOffPoint[],
): Pick<ReportData, 'tradeOff'> {
  if (points.length === 0) return {};
  return {
    tradeOff: {
      title: 'Quality against collapse',
      x: 'dimensions in use (RankMe), in %',
      y: figureTitle(quality),
      points,
    },
  };
}
