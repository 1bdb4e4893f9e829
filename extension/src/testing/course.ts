/** What the server answers for a small course: one lesson begun, one not, one planned. */
export function progressReply(): {
  course: Record<string, unknown>;
  lessons: Record<string, unknown>[];
} {
  return {
    course: {
      title: 'A course',
      modules: [
        {
          slug: '01_tensors',
          title: 'Tensors',
          summary: 'The language.',
          lessons: [
            lesson('01_tensors/01_first', 'First'),
            lesson('01_tensors/02_second', 'Second'),
            lesson('01_tensors/03_third', 'Third')
          ]
        },
        {
          slug: '02_layers',
          title: 'Layers',
          summary: 'The blocks.',
          lessons: [lesson('02_layers/01_linear', 'Linear')]
        }
      ]
    },
    lessons: [
      notebook('01_tensors/01_first', { passed: 5, attempted: 5 }),
      notebook('01_tensors/02_second')
    ]
  };
}

export function notebook(
  slug: string,
  patch: Record<string, unknown> = {}
): Record<string, unknown> {
  return {
    path: `${slug}.ipynb`,
    slug,
    title: slug,
    exercises: 5,
    passed: 0,
    attempted: 0,
    ...patch
  };
}

function lesson(slug: string, title: string): Record<string, unknown> {
  return {
    slug,
    title,
    objective: `Do ${title}.`,
    minutes: 75,
    status: 'planned'
  };
}
