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
    heading_end: usize,
    /// Where the last block before any subsection ends, or the heading when there is none. A line that closes the section
    /// and the footer of the page are no content.
    pub(super) content_end: usize,
    /// The first table of the section or its subsections.
    pub(super) table: Option<Range<usize>>,
}

impl Section {
    fn new(title: String, level: usize, heading: Range<usize>) -> Self {
        let (start, heading_end) = (heading.start, heading.end);
        Self { title, level, start, heading_end, content_end: heading_end, table: None }
    }
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
    /// Where the page ends before its footer.
    pub(super) content_end: usize,
    /// Bold lines above a table, which some take for headings.
    bold: Vec<Section>,
}

/// A block of the page itself, since its last heading.
#[derive(Debug)]
struct PageBlock {
    kind: Kind,
    range: Range<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rule,
    /// A paragraph of one line.
    Line,
    /// One that is set apart as a whole, or says when the page was updated.
    Aside,
    Other,
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
        let mut blocks: Vec<PageBlock> = Vec::new();
        for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
            let range = range.start + skipped..range.end + skipped;
            match &event {
                Event::Start(tag) => {
                    // A heading inside of a list or quotation begins no section of the page.
                    if depth == 0 {
                        outline.content_end = range.end;
                        if let Tag::Heading { level, .. } = tag {
                            outline.close(&mut open_sections, *level as usize);
                            blocks.clear();
                            heading = Some(Section::new(String::new(), *level as usize, range));
                        } else {
                            if matches!(tag, Tag::Table(_)) {
                                outline.bold.extend(blocks.last().and_then(|above| bold_title(file, above, &range)));
                                open_sections.iter_mut().for_each(|section| {
                                    section.table.get_or_insert(range.clone());
                                });
                            }
                            extend(&mut open_sections, range.end);
                            let kind = if matches!(tag, Tag::Paragraph) { kind_of(file, &range) } else { Kind::Other };
                            blocks.push(PageBlock { kind, range });
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
                Event::Rule if depth == 0 => {
                    outline.content_end = range.end;
                    blocks.push(PageBlock { kind: Kind::Rule, range });
                }
                _ => {}
            }
        }
        outline.end(file, &mut open_sections, &blocks);
        outline
    }

    /// Takes the last section for what stands before the footer.
    fn end(&mut self, file: &str, open_sections: &mut Vec<Section>, blocks: &[PageBlock]) {
        let last = open_sections.last_mut();
        let level = last.as_ref().map_or(0, |section| section.level);
        let above = blocks.len() - footer(level, blocks);
        let before_the_footer = (blocks.iter().take(above).next_back().map(|block| block.range.end))
            .or_else(|| last.as_ref().map(|section| section.heading_end))
            .filter(|_| above < blocks.len());
        if let Some(end) = before_the_footer {
            self.content_end = end;
            if let Some(section) = last {
                section.content_end = self.content_end;
            }
        } else if self.content_end == 0 || file.get(self.content_end..).is_none_or(|rest| rest.trim().is_empty()) {
            // Else what follows are the targets of links, which close a page.
            self.content_end = file.len();
        }
        self.close(open_sections, 0);
        self.sections.sort_by_key(|section| section.start);
    }

    /// The first section of that title, compared without case, emoji, numbers and what is in brackets. One of exactly that
    /// title is preferred, and one that holds a table. A bold line above a table will do.
    pub(super) fn section(&self, title: &str) -> Option<&Section> {
        let exact = || self.sections.iter().filter(|section| section.title.trim().eq_ignore_ascii_case(title));
        let name = plain_name(title);
        let alike = || self.sections.iter().filter(|section| plain_name(&section.title) == name);
        // A page may have the same heading twice, as an old and a new table.
        let with_table = |section: &&Section| section.table.is_some();
        (exact().find(with_table).or_else(|| exact().next()))
            .or_else(|| alike().find(with_table).or_else(|| alike().next()))
            .or_else(|| self.bold.iter().find(|section| plain_name(&section.title) == name))
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

/// A title as people say it: lower case, without emoji, numbers, marks and what is in brackets.
pub(super) fn plain_name(title: &str) -> String {
    let mut closing = Vec::new();
    let mut plain = String::new();
    for character in title.chars() {
        match character {
            '(' => closing.push(')'),
            '[' => closing.push(']'),
            '{' => closing.push('}'),
            _ if closing.last() == Some(&character) => _ = closing.pop(),
            _ if !closing.is_empty() => {}
            _ if character.is_alphabetic() => plain.extend(character.to_lowercase()),
            _ => plain.push(' '),
        }
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How many blocks at the end of a page are its footer: a line and what is below it, or a note that is set apart.
fn footer(level: usize, blocks: &[PageBlock]) -> usize {
    let trailing = |is_part: fn(Kind) -> bool| blocks.iter().rev().take_while(|block| is_part(block.kind)).count();
    let asides = trailing(|kind| kind == Kind::Aside);
    let lines = trailing(|kind| matches!(kind, Kind::Aside | Kind::Line));
    let is_below_a_rule = |count: usize| blocks.iter().rev().nth(count).is_some_and(|block| block.kind == Kind::Rule);
    match () {
        () if asides > 0 && is_below_a_rule(asides) => asides + 1,
        // Below the title of a page it is more likely all that the page says.
        () if (1..=2).contains(&lines) && is_below_a_rule(lines) && level > 1 => lines + 1,
        // Right below its heading it stands for what is not there yet.
        () if asides < blocks.len() => asides,
        () => 0,
    }
}

fn kind_of(file: &str, range: &Range<usize>) -> Kind {
    let text = file.get(range.clone()).unwrap_or_default().trim();
    // What is bold as a whole is rather a heading.
    let is_in = |marks: &[&str]| marks.iter().any(|mark| text.starts_with(mark) && text.ends_with(mark));
    let is_apart = is_in(&["*", "_"]) && !is_in(&["**", "__"])
        || ["<sub>", "<small>"].iter().any(|tag| text.starts_with(tag))
        || text.get(.."last updated".len()).is_some_and(|start| start.eq_ignore_ascii_case("last updated"));
    match text.contains('\n') {
        _ if is_apart => Kind::Aside,
        false => Kind::Line,
        true => Kind::Other,
    }
}

/// A bold line right above a table, as a section that holds just this.
fn bold_title(file: &str, above: &PageBlock, table: &Range<usize>) -> Option<Section> {
    let line = file.get(above.range.clone())?.trim();
    let title =
        ["**", "__"].iter().find_map(|mark| line.strip_prefix(mark)?.trim_end_matches(':').strip_suffix(mark))?;
    let section = Section::new(title.to_owned(), 2, above.range.clone());
    (!title.contains('\n')).then(|| Section { content_end: table.end, table: Some(table.clone()), ..section })
}
