/** Why a page cannot be made text, in words that go on after "cannot be read: ". */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}
