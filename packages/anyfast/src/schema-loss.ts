/** Something the compiled schema does not say, and where: `properties.email`, `format: "email"`. */
export interface SchemaLoss {
  readonly path: string;
  readonly lost: string;
}
