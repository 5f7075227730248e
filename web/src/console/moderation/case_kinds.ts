/** Which words of the moderators' lane are about appeals and reports. */
export const touches = (kinds: readonly string[]): boolean => kinds.some((kind) => kind === 'appeal' || kind === 'reported' || kind === 'reinstated')
