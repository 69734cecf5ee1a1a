/**
 * Tables that stream: column widths come from the heading and the first batch of rows, later rows are written as
 * they come, so a table of a million rows holds one batch. A later cell that is wider pushes its own line only.
 */
import type { Colours } from './colours.ts';
import { printable } from './text.ts';

export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string | number | undefined;
  readonly align?: 'right';
  /** Narrowest width, for columns whose first rows say little about later ones. */
  readonly minWidth?: number;
  /** Colour of the cell, given its padded text. */
  readonly paint?: (text: string, row: Row, colours: Colours) => string;
}

export interface TableStyle {
  readonly header: boolean;
  readonly colours: Colours;
}

const gap = '  ';

/** Formats batches of rows; call `lines` for each batch in order. The heading comes with the first. */
export class Table<Row> {
  readonly #columns: readonly Column<Row>[];
  readonly #style: TableStyle;
  #widths: readonly number[] | undefined;

  constructor(columns: readonly Column<Row>[], style: TableStyle) {
    this.#columns = columns;
    this.#style = style;
  }

  /** Text of these rows, every line ended. */
  lines(rows: readonly Row[]): string {
    const cells = rows.map((row) => this.#columns.map((column) => cellText(column.text(row))));
    let text = '';
    if (!this.#widths) {
      this.#widths = this.#measure(cells);
      if (this.#style.header) text += this.#heading();
    }
    for (let i = 0; i < rows.length; i++) text += this.#line(cells[i], rows[i]);
    return text;
  }

  #measure(cells: readonly (readonly string[])[]): number[] {
    return this.#columns.map((column, i) => {
      let width = Math.max(this.#style.header ? column.title.length : 0, column.minWidth ?? 0);
      for (const row of cells) width = Math.max(width, row[i].length);
      return width;
    });
  }

  #heading(): string {
    const { bold } = this.#style.colours;
    const cells = this.#columns.map((column, i) => this.#pad(column.title, i));
    return `${bold(cells.join(gap).trimEnd())}\n`;
  }

  #line(cells: readonly string[], row: Row): string {
    let last = cells.length - 1;
    while (last > 0 && cells[last] === '') last--;
    let line = '';
    for (let i = 0; i <= last; i++) {
      const rightAligned = this.#columns[i].align === 'right';
      const text = i === last && !rightAligned ? cells[i] : this.#pad(cells[i], i);
      const paint = this.#columns[i].paint;
      line += (i > 0 ? gap : '') + (paint ? paint(text, row, this.#style.colours) : text);
    }
    return `${line}\n`;
  }

  #pad(text: string, column: number): string {
    const width = this.#widths?.[column] ?? 0;
    return this.#columns[column].align === 'right' ? text.padStart(width) : text.padEnd(width);
  }
}

/** A table whose rows are all there. */
export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  style: TableStyle,
): string {
  return new Table(columns, style).lines(rows);
}

function cellText(value: string | number | undefined): string {
  if (value === undefined) return '';
  return typeof value === 'number' ? String(value) : printable(value);
}
