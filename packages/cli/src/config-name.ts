/** The file that options may stand in. */
export const CONFIG_NAME = 'overmap.config.json';
