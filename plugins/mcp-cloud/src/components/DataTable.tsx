import type { ReactNode } from 'react';
import {
  Cell,
  Column,
  Row,
  TableBody,
  TableHeader,
  TableRoot,
} from '@backstage/ui';
import styles from './DataTable.module.css';

interface DataTableProps {
  label: string;
  /** The first one names the row. */
  columns: string[];
  rows: Array<{ id: string; cells: ReactNode[] }>;
}

/** A plain table of few rows. */
export function DataTable({ label, columns, rows }: DataTableProps) {
  return (
    <div className={styles.scroll}>
      <TableRoot aria-label={label} className={styles.table}>
        <TableHeader>
          {columns.map((column, index) => (
            <Column key={column} id={column} isRowHeader={index === 0}>
              {column}
            </Column>
          ))}
        </TableHeader>
        <TableBody>
          {rows.map(row => (
            <Row key={row.id} id={row.id}>
              {row.cells.map((cell, index) => (
                <Cell key={columns[index]}>{cell}</Cell>
              ))}
            </Row>
          ))}
        </TableBody>
      </TableRoot>
    </div>
  );
}
