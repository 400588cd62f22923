//! Where headings, tables and our markers are in a Markdown file, as byte ranges of the file.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// A heading that is not inside a list or quotation, and all up to the next one of its level or above.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    /// The text of the heading.
    pub(super) title: String,
    /// 1 to 6.
    pub(super) level: usize,
    /// Where the heading begins.
    pub(super) start: usize,
    /// Where the last block before any subsection ends, or the heading when there is none.
    pub(super) content_end: usize,
    /// The first table of the section or its subsections.
    pub(super) table: Option<Range<usize>>,
}

/// One of our invisible comments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Marker {
    /// What it holds after `hotfix:`.
    pub(super) text: String,
    /// Where the comment is.
    pub(super) range: Range<usize>,
}

/// What matters of a file.
#[derive(Debug, Default)]
pub(super) struct Outline {
    pub(super) sections: Vec<Section>,
    pub(super) markers: Vec<Marker>,
}

impl Outline {
    pub(super) fn of(file: &str) -> Self {
        // The parser would take the mark for a part of the first heading.
        let skipped = if file.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let text = file.get(skipped..).unwrap_or_default();
        let mut outline = Self::default();
        let mut depth = 0_usize;
        let mut open_sections: Vec<Section> = Vec::new();
        let mut heading: Option<Section> = None;
        for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
            let range = range.start + skipped..range.end + skipped;
            match &event {
                Event::Start(tag) => {
                    // A heading inside of a list or quotation begins no section of the page.
                    if depth == 0 {
                        if let Tag::Heading { level, .. } = tag {
                            outline.close(&mut open_sections, *level as usize);
                            heading = Some(Section {
                                title: String::new(),
                                level: *level as usize,
                                start: range.start,
                                content_end: range.end,
                                table: None,
                            });
                        } else {
                            extend(&mut open_sections, range.end);
                            if matches!(tag, Tag::Table(_)) {
                                open_sections.iter_mut().for_each(|section| {
                                    section.table.get_or_insert(range.clone());
                                });
                            }
                        }
                    }
                    depth += 1;
                }
                Event::End(tag) => {
                    depth = depth.saturating_sub(1);
                    if depth == 0
                        && matches!(tag, TagEnd::Heading(_))
                        && let Some(section) = heading.take()
                    {
                        open_sections.push(section);
                    }
                }
                Event::Text(part) | Event::Code(part) => {
                    if let Some(section) = &mut heading {
                        section.title.push_str(part);
                    }
                }
                Event::Html(html) | Event::InlineHtml(html) => outline.find_markers(html, range.start),
                Event::Rule if depth == 0 => extend(&mut open_sections, range.end),
                _ => {}
            }
        }
        outline.close(&mut open_sections, 0);
        outline.sections.sort_by_key(|section| section.start);
        outline
    }

    /// The first section of that title, in any case; one that holds a table is preferred.
    pub(super) fn section(&self, title: &str) -> Option<&Section> {
        let named = || self.sections.iter().filter(|section| section.title.trim().eq_ignore_ascii_case(title));
        // A page may have the same heading twice, as an old and a new table.
        named().find(|section| section.table.is_some()).or_else(|| named().next())
    }

    /// The first of our comments that begins with `key`.
    pub(super) fn marker(&self, key: &str) -> Option<&Marker> {
        self.markers.iter().find(|marker| marker.text.split(" | ").next() == Some(key))
    }

    /// Whether all headings of `earlier` are still here, in order: nothing of a file was swallowed by an edit.
    pub(super) fn keeps(&self, earlier: &Self) -> bool {
        let mut now = self.sections.iter().map(|section| (&section.title, section.level));
        earlier.sections.iter().all(|section| now.any(|heading| heading == (&section.title, section.level)))
    }

    fn close(&mut self, open: &mut Vec<Section>, level: usize) {
        let (closed, still_open) = std::mem::take(open).into_iter().partition(|section| section.level >= level);
        self.sections.extend::<Vec<Section>>(closed);
        *open = still_open;
    }

    fn find_markers(&mut self, html: &str, offset: usize) {
        const OPEN: &str = "<!-- hotfix:";
        for (at, _) in html.match_indices(OPEN) {
            let inside = html.get(at + OPEN.len()..).unwrap_or_default();
            if let Some((text, _)) = inside.split_once("-->") {
                let end = at + OPEN.len() + text.len() + "-->".len();
                let range = offset + at..offset + end;
                self.markers.push(Marker { text: text.trim().to_owned(), range });
            }
        }
    }
}

/// The innermost section reaches to `end`.
fn extend(open: &mut [Section], end: usize) {
    if let Some(section) = open.last_mut() {
        section.content_end = end;
    }
}
