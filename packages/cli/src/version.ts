/** The version of this package, which its package.json has to name as well (a test compares them). */
export const version = '0.1.0';
