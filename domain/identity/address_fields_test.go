package identity

import "testing"

// housesInFields are houses whose street and number were typed into fields of their own at Shopify's checkout, which joins them with a
// word joiner (U+2060), and the same as somebody types them into one line. How they are joined in which country is in Shopify's
// npm @shopify/worldwide 0.7.10; only in Israel the number comes first. The neighbourhood stands behind a joiner in the second line, and its
// number is nobody's house.
var housesInFields = [][]PostalAddress{
	{at("BR", "01310-100", "Av. Paulista, \u20601578", "casa 2, \u2060Bela Vista"), at("BR", "01310-100", "Av. Paulista, 1578", "casa 2"),
		at("BR", "01310-100", "Avenida Paulista 1578", "Bela Vista")},
	{at("BR", "01310-100", "Rua 7, \u2060120", "\u2060Setor 5"), at("BR", "01310-100", "Rua 7, 120", "")},
	{at("BR", "01310-100", "Rua 7, \u2060122", "\u2060Setor 5")},
	{at("CL", "8320000", "Av. Providencia \u206012", "dpto 4 \u2060Centro"), at("CL", "8320000", "Av. Providencia 12", "depto 4")},
	{at("CL", "8320000", "Calle 5 \u2060120", "\u2060Población 3"), at("CL", "8320000", "Calle 5, 120", "")},
	{at("CL", "8320000", "Calle 5 \u2060122", "\u2060Población 3")},
	{at("MX", "97000", "Calle 60 \u2060491", "\u2060Zona 3"), at("MX", "97000", "Calle 60 No. 491", "")},
	{at("MX", "97000", "Calle 60 \u2060493", "\u2060Zona 3")},
	{at("CO", "110111", "Calle 12 # 34-56", "apto 301 \u206020 de Julio"), at("CO", "110111", "Calle 12 # 34-56", "apto 301")},
	{at("CO", "110111", "Calle 12 # 34-58", "apto 301 \u206020 de Julio")},
	{at("ID", "12345", "Jl. 5 No. 12", "\u2060Blok 3"), at("ID", "12345", "Jl. 5 No. 12", "")},
	{at("ID", "12345", "Jl. 5 No. 14", "\u2060Blok 3")},
	{at("AE", "", "Villa 12", "\u2060Jumeirah 1"), at("AE", "", "Villa No. 12", "\u2060Jumeirah 1")},
	{at("AE", "", "Villa 14", "\u2060Jumeirah 1")}, {at("AE", "", "Villa 12", "\u2060Jumeirah 2")},
	{at("BE", "1000", "Rue Haute \u206012", "bte 3"), at("BE", "1000", "Rue Haute 12", ""), at("BE", "1000", "12, rue Haute", "")},
	{at("NL", "1012 CS", "Plein 1944 \u206012", "A"), at("NL", "1012 CS", "Plein 1944, 12 A", "")},
	{at("NL", "1012 CS", "Plein 1944 \u206014", ""), at("NL", "1012 CS", "Plein 1944, 14", "")},
	{at("DE", "10623", "Straße des 17. Juni \u2060135", ""), at("DE", "10623", "Str. des 17. Juni, 135", "")},
	{at("ES", "28013", "Calle 2 de Mayo \u20605", "3º B"), at("ES", "28013", "Calle 2 de Mayo, 5", "")},
	{at("IL", "6121001", "5 \u2060Herzl", ""), at("IL", "6121001", "Herzl 5", "")},
}

func TestAHouseTypedIntoFieldsIsTheOneTypedIntoALine(t *testing.T) {
	t.Parallel()
	oneKeyEach(t, housesInFields)
}
