import type { ReportTable } from '@unlabel/eval';
import { formatTable } from './table';

/** A report's table for the terminal. */
export function reportTableText({ columns, rows }: ReportTable): string {
  const texts = rows.map((row) => row.map((cell) => (typeof cell === 'object' ? cell.text : cell)));
  return formatTable(columns, texts);
}
