import { readFile } from 'node:fs/promises';
import Database from 'libsql';

export type Row = Readonly<Record<string, string | number | null>>;

/** A CSV file as a table `sales` in memory, whose rows cannot be changed. */
export class Sales {
  readonly #db: Database.Database;

  private constructor(db: Database.Database) {
    this.#db = db;
  }

  static async read(file: string): Promise<Sales> {
    const [head = '', ...lines] = (await readFile(file, 'utf8')).trim().split('\n');
    const db = new Database(':memory:');
    const columns = head.split(',').map((name) => `"${name.replaceAll('"', '""')}"`);
    db.exec(`CREATE TABLE sales (${columns.map((name) => `${name} NUMERIC`).join(', ')})`);
    const marks = columns.map(() => '?').join(', ');
    const insert = db.prepare(`INSERT INTO sales VALUES (${marks})`);
    for (const line of lines) insert.run(...line.split(','));
    db.exec('PRAGMA query_only = ON');
    return new Sales(db);
  }

  /** The columns with an example of each. */
  describe(): string {
    const [row = {}] = this.query('SELECT * FROM sales LIMIT 1');
    const [count] = this.query('SELECT count(*) AS rows FROM sales');
    const columns = Object.entries(row).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
    return [`Table sales, ${count?.['rows']} rows. A row:`, ...columns].join('\n');
  }

  /** The rows of one SELECT. What would change something fails. */
  query(sql: string): readonly Row[] {
    const statement = this.#db.prepare(sql);
    if (!statement.reader) throw new Error('Only a SELECT may be asked.');
    return statement.all() as Row[];
  }

  close(): void {
    this.#db.close();
  }
}
