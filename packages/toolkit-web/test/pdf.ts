/** Writes a small PDF of these pages, each of some lines of text. */
export function pdf(
  pages: readonly string[],
  {
    isLocked = false,
    openAction = '',
  }: { readonly isLocked?: boolean; readonly openAction?: string } = {},
): Buffer {
  const kids = pages.map((_, index) => `${4 + index * 2} 0 R`).join(' ');
  const objects = [
    `<< /Type /Catalog /Pages 2 0 R${openAction === '' ? '' : ` /OpenAction << ${openAction} >>`} >>`,
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    ...pages.flatMap((text, index) => {
      const lines = text.split('\n').map((line) => `(${line}) Tj`);
      const stream = `BT /F1 12 Tf 72 780 Td ${lines.join(' 0 -14 Td ')} ET`;
      return [
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + index * 2} 0 R >>`,
        `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
      ];
    }),
  ];
  // A password that nobody knows: the key of the user and of the owner are made up.
  const odd = 'ab'.repeat(32);
  if (isLocked) objects.push(`<< /Filter /Standard /V 1 /R 2 /O <${odd}> /U <${odd}> /P -44 >>`);
  let text = '%PDF-1.4\n';
  const places = objects.map((object, index) => {
    const at = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const start = text.length;
  const lines = places.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('');
  const locked = isLocked ? ` /Encrypt ${objects.length} 0 R /ID [<00> <00>]` : '';
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${lines}`;
  text += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R${locked} >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(text, 'latin1');
}
